# Writes the small R and SAS files of tests/test_formats.py: Rscript tests/formats/make_formats.R tests/formats
library(haven)
library(survival)
out <- commandArgs(trailingOnly = TRUE)[1]
cohort <- data.frame(
  id = sprintf("P%02d", 1:6), months = c(1.5, 2, 3.25, NA, 5, 6), dead = c(1L, 0L, 1L, 0L, NA, 1L),
  sex = factor(c("f", "m", "f", NA, "m", "f")), start = as.Date("2020-01-05") + 0:5,
  treated = c(TRUE, FALSE, NA, TRUE, TRUE, FALSE), center = 1:6
)
attr(cohort$months, "label") <- "Overall survival (months)"
cohort$grade <- labelled(c(1, 2, 3, 1, 2, NA), labels = c(Low = 1, Middle = 2, High = 3), label = "Tumor grade")
plain <- cohort[, c("id", "months", "dead", "start", "grade")]
suppressWarnings(write_sas(plain, file.path(out, "cohort.sas7bdat")))
cohort$city <- c("K\u00f6ln", "b", "c", "d", "e", "f")
cohort$y <- Surv(c(1.5, 2, 3, 4, 5, 6), c(1, 0, 1, 0, 0, 1))
cohort$lists <- I(list(1, 2, 3, 4, 5, 6))
for (kind in c("gzip", "bzip2", "xz")) saveRDS(cohort, file.path(out, paste0("cohort_", kind, ".rds")), compress = kind)
saveRDS(cohort, file.path(out, "cohort_2.rds"), version = 2, compress = FALSE)
named <- data.frame(months = c(1, 2), dead = 0:1, row.names = c("a", "b"))
model <- coxph(Surv(time, status) ~ age, lung)
saveRDS(model, file.path(out, "model.rds"))
save(cohort, named, file = file.path(out, "two.RData"))
save(named, model, file = file.path(out, "one.RData"))
