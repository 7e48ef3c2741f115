# Reference numbers for the lessons on proportional hazards and the landmark, from R's survival package.
#
#   Rscript tests/reference/make_course_ph.R data/cohort.csv tests/reference
#
# Run it again whenever data/cohort.csv changes. course_ph.csv holds one number a row:
#   seven, six      the invented patients of the lessons, written out below
#   default         the default cohort; `what` is followed by the time it depends on, where it does

suppressPackageStartupMessages(library(survival))
arguments <- commandArgs(trailingOnly = TRUE)
stopifnot(length(arguments) == 2)
converged <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)
found <- list()
record <- function(cohort, endpoint, factor, what, at, value)
  found[[length(found) + 1]] <<- data.frame(cohort, endpoint, factor, what, at, value = unname(value))

seven <- data.frame(time = c(1, 2, 4, 5, 7, 10, 12), event = c(1, 1, 1, 1, 1, 1, 0), exposed = c(1, 1, 0, 0, 0, 1, 0))
fit <- coxph(Surv(time, event) ~ exposed, seven, control = converged)
record("seven", "", "", "hazard ratio", NA, exp(coef(fit)))
record("seven", "", "", "residual", seven$time[seven$event == 1], residuals(fit, "schoenfeld"))
for (transform in c("identity", "km", "rank", "log"))
  record("seven", "", "", paste("chi-square", transform), NA, cox.zph(fit, transform)$table["exposed", "chisq"])

six <- data.frame(
  id = c(1, 2, 3, 3, 4, 5, 5, 6), start = c(0, 0, 0, 3, 0, 0, 5, 0), stop = c(2, 4, 3, 8, 7, 5, 12, 10),
  event = c(1, 0, 0, 1, 1, 0, 0, 1), responder = c(0, 0, 0, 1, 0, 0, 1, 0)
)
fit <- coxph(Surv(start, stop, event) ~ responder, six, control = converged)
record("six", "", "", "time-dependent", NA, exp(coef(fit)))
for (landmark in c(4, 6)) {
  responder <- tapply(six$responder * (six$start <= landmark), six$id, max)
  last <- tapply(six$stop, six$id, max)
  died <- tapply(six$event, six$id, max)
  fit <- coxph(Surv(last - landmark, died) ~ responder, subset = last > landmark, control = converged)
  record("six", "", "", "landmark", landmark, exp(coef(fit)))
}

raw <- read.csv(arguments[1], colClasses = "character")
tumor <- as.numeric(raw$tumor_size_cm)
tumor <- (tumor - mean(tumor)) / sd(tumor)
for (endpoint in c("pfs", "os")) for (factor in c("distant_metastasis", "sex")) {
  time <- as.numeric(raw[[paste0(endpoint, "_months")]])
  event <- as.numeric(raw[[paste0(endpoint, "_event")]])
  second <- as.numeric(raw[[factor]] %in% c("1", "M"))
  add <- function(...) record("default", toupper(endpoint), factor, ...)
  curves <- survfit(Surv(time, event) ~ second)
  for (at in c(6, 12, 24)) {
    rate <- summary(curves, times = at)
    add("rate difference", at, diff(rate$surv))
    add("rate difference se", at, sqrt(sum(rate$std.err^2)))
    mean <- survival:::survmean(curves, rmean = at)$matrix
    add("rmst difference", at, diff(mean[, "rmean"]))
    add("rmst difference se", at, sqrt(sum(mean[, "se(rmean)"]^2)))
    parts <- survSplit(Surv(time, event) ~ second, data.frame(time, event, second), cut = at, episode = "part")
    fit <- coxph(Surv(tstart, time, event) ~ second:strata(part), parts, control = converged)
    add("log ratio early", at, coef(fit)[1])
    add("log ratio late", at, coef(fit)[2])
    add("log ratio early se", at, sqrt(vcov(fit)[1, 1]))
    add("log ratio late se", at, sqrt(vcov(fit)[2, 2]))
  }
  fit <- coxph(Surv(time, event) ~ second, control = converged)
  for (transform in c("identity", "km", "rank", "log"))
    add(paste("chi-square", transform), NA, cox.zph(fit, transform)$table["second", "chisq"])
  add("stratified", NA, coef(coxph(Surv(time, event) ~ tumor + strata(second), control = converged)))
}

table <- do.call(rbind, found)
for (column in c("at", "value")) table[[column]] <- ifelse(is.na(table[[column]]), "", sprintf("%.16g", table[[column]]))
write.csv(table, file.path(arguments[2], "course_ph.csv"), row.names = FALSE, quote = 1:4, eol = "\n")
