# Log-rank chi-square at every candidate cut of the lesson on cut-points, from R's survdiff.
#
#   Rscript tests/reference/make_course_cutpoint.R data/cohort.csv tests/reference
#
# course_cutpoint.csv has a row for each cut: `data` is the default cohort (overall survival by tumor size) or the
# lesson's eight invented patients; `more` counts the patients above the cut.

suppressPackageStartupMessages(library(survival))
arguments <- commandArgs(trailingOnly = TRUE)
stopifnot(length(arguments) == 2)

rows_of <- function(name, value, time, event) {
  limits <- quantile(value, c(0.1, 0.9))
  cuts <- sort(unique(value))
  cuts <- cuts[cuts >= limits[1] & cuts <= limits[2] & cuts < max(value)]
  one <- function(cut) {
    test <- survdiff(Surv(time, event) ~ value > cut)
    data.frame(data = name, cut = sprintf("%.16g", cut), more = sum(value > cut), chi_square = sprintf("%.16g", test$chisq))
  }
  do.call(rbind, lapply(cuts, one))
}

raw <- read.csv(arguments[1])
eight <- data.frame(size = c(2, 4, 5, 7, 8, 10, 12, 16), time = c(14, 5, 20, 9, 11, 3, 2, 6), event = c(0, 1, 0, 1, 1, 1, 1, 1))
table <- rbind(
  rows_of("default", raw$tumor_size_cm, raw$os_months, raw$os_event),
  rows_of("eight", eight$size, eight$time, eight$event)
)
write.csv(table, file.path(arguments[2], "course_cutpoint.csv"), row.names = FALSE, quote = FALSE, eol = "\n")
