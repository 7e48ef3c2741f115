# Reference numbers for the lesson on the log-rank test, from R's survival package: the six patients of the lesson and
# the leukemia cohort of MASS, which has many ties. rho 0 is the log-rank test, rho 1 weights by the Kaplan-Meier
# estimate just before each time. Run from the root of the repository:
#
#   Rscript tests/reference/make_course_logrank.R tests/reference

suppressPackageStartupMessages(library(survival))
target <- commandArgs(trailingOnly = TRUE)[1]

patients <- list(
  six = data.frame(time = c(2, 4, 5, 4, 7, 9), event = c(1, 1, 0, 1, 1, 0), second = c(0, 0, 0, 1, 1, 1)),
  leukemia = with(MASS::gehan, data.frame(time = time, event = cens, second = as.integer(treat == "control")))
)
rows <- list()
for (name in names(patients)) for (rho in c(0, 1)) {
  test <- survdiff(Surv(time, event) ~ second, patients[[name]], rho = rho)
  rows[[length(rows) + 1]] <- data.frame(
    cohort = name, rho = rho, observed = test$obs[2], expected = test$exp[2], variance = test$var[2, 2],
    chisq = test$chisq
  )
}
table <- do.call(rbind, rows)
for (column in c("observed", "expected", "variance", "chisq")) table[[column]] <- sprintf("%.16g", table[[column]])
write.csv(table, file.path(target, "course_logrank.csv"), row.names = FALSE, quote = FALSE, eol = "\n")
