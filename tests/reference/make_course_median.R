# Reference numbers for the lesson on the median, from R's survival package.
#
# To make them again (R 4.2 or later with survival 3.5 or later), from the root of the repository:
# Rscript tests/reference/make_course_median.R
#
# course_median.csv: median and limits of the lesson's invented samples on the three scales of survfit. "ten" is the
# one with two censored times; "twenty" and "six" have an event at 1, 2, 3, ... and nobody censored.

suppressPackageStartupMessages(library(survival))
samples <- list(
  ten = Surv(c(2, 4, 5, 7, 8, 10, 13, 15, 18, 24), c(1, 1, 0, 1, 1, 1, 1, 1, 1, 0)),
  twenty = Surv(1:20, rep(1, 20)),
  six = Surv(1:6, rep(1, 6))
)
rows <- list()
for (sample in names(samples)) for (level in c(0.8, 0.95)) for (scale in c("plain", "log", "log-log")) {
  fit <- survfit(samples[[sample]] ~ 1, conf.type = scale, conf.int = level)
  found <- quantile(fit, 0.5)
  rows <- c(rows, list(data.frame(sample, scale, level, median = found$quantile, lower = found$lower,
                                  upper = found$upper)))
}
write.csv(do.call(rbind, rows), "tests/reference/course_median.csv", row.names = FALSE, quote = FALSE, na = "",
          eol = "\n")
