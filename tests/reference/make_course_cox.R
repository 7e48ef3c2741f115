# Reference numbers for the lesson on Cox's partial likelihood, from R's survival package: invented patients of the
# lesson with and without ties, and the leukemia cohort of MASS, with many ties. Run from the root of the repository:
#
#   Rscript tests/reference/make_course_cox.R tests/reference

suppressPackageStartupMessages(library(survival))
target <- commandArgs(trailingOnly = TRUE)[1]

six <- data.frame(time = 1:6, event = c(1, 1, 0, 1, 1, 0), exposed = c(1, 0, 1, 1, 0, 0))
patients <- list(
  six = six,
  tied = transform(six, time = c(1, 4, 3, 4, 5, 6)),
  leukemia = with(MASS::gehan, data.frame(time = time, event = cens, exposed = as.integer(treat == "control")))
)
rows <- list()
for (name in names(patients)) for (ties in c("efron", "breslow")) {
  fit <- coxph(Surv(time, event) ~ exposed, patients[[name]], ties = ties, eps = 1e-13, toler.chol = 1e-14, iter.max = 50)
  rows[[length(rows) + 1]] <- data.frame(
    cohort = name, ties = ties, beta = coef(fit), std_error = sqrt(vcov(fit)[1, 1]), null = fit$loglik[1],
    top = fit$loglik[2], score = fit$score, wald = fit$wald.test
  )
}
table <- do.call(rbind, rows)
for (column in names(table)[-(1:2)]) table[[column]] <- sprintf("%.16g", table[[column]])
write.csv(table, file.path(target, "course_cox.csv"), row.names = FALSE, quote = FALSE, eol = "\n")
