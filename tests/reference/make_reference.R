# Reference numbers for the tests, from R's survival package.
#
# To make them again (R 4.2 or later with survival 3.5 or later), from the root of the repository:
#
#   python tests/reference/make_inputs.py INPUTS
#   Rscript tests/reference/make_reference.R INPUTS data/cohort.csv tests/reference
#
# INPUTS is any scratch folder: the first command writes the public cohorts into it. Run both again whenever
# data/cohort.csv changes, and commit the CSV files together with it.
#
# What the files hold (one row per cohort, endpoint, group, level and what the name says; level "" is everyone):
#   km.csv       Kaplan-Meier curves; std_err is the Greenwood error of S itself; limits of three kinds
#   medians.csv  median survival by four conventions; SPSS is worked out here from survfit
#   rates.csv    S(t) at fixed times, missing beyond the last observation; n_event counts events up to the time
#   follow_up.csv reverse Kaplan-Meier medians
#   rmst.csv     restricted means up to `time` (survival:::survmean)
#   logrank.csv  observed and expected events; the test stands on each row of its group
#   group_contrasts.csv  differences from the first level: S(t) with Greenwood's variances added, restricted means; hazard ratios,
#                also within strata (`strata`: names of the variables); group_tests.csv pairwise log-rank tests with Holm's
#                adjustment, trend (scores 1, 2, ... on survdiff's observed less expected), stratified test, cox.zph of the grouping
#   cox.csv      coefficients (per step for numeric terms); cox_fit.csv whole-model tests and concordance;
#   cox_joint.csv drop-one likelihood-ratio and Wald test of each term; ph_test.csv cox.zph
# A Cox model is named by `model` (univariable or multivariable) and, for univariable ones, by `factor`; `landmark`
# is empty unless the clock restarts at a landmark. "multivariable without response" is what its name says.

suppressPackageStartupMessages(library(survival))
arguments <- commandArgs(trailingOnly = TRUE)
stopifnot(length(arguments) == 3)
inputs <- arguments[1]
target <- arguments[3]

write_table <- function(name, rows) {
  table <- do.call(rbind, rows)
  text <- which(vapply(table, is.character, TRUE))
  for (column in names(table)) if (is.double(table[[column]])) {
    values <- table[[column]]
    values[is.nan(values) | is.infinite(values)] <- NA
    table[[column]] <- ifelse(is.na(values), "", sprintf("%.16g", values))
  }
  write.csv(table, file.path(target, paste0(name, ".csv")), row.names = FALSE, na = "", quote = text, eol = "\n")
}

factor_of <- function(values, codes, labels = codes) factor(as.character(values), codes, labels)
two_groups <- function(values, limit, labels) factor(ifelse(values <= limit, labels[1], labels[2]), labels)

# ---- cohorts -------------------------------------------------------------------------------------------------------
read_default <- function() {
  raw <- read.csv(arguments[2], colClasses = "character")
  number <- function(name) as.numeric(raw[[name]])
  list(
    data = data.frame(
      age_years = number("age_years") / 10,
      sex = factor_of(raw$sex, c("F", "M"), c("Female", "Male")),
      ecog = factor_of(raw$ecog, c("0", "1", "2")),
      primary_site = factor_of(raw$primary_site, c("extremity", "trunk", "abdomen"),
                               c("Extremity", "Trunk", "Abdomen or retroperitoneum")),
      tumor_size_cm = number("tumor_size_cm"),
      distant_metastasis = factor_of(raw$distant_metastasis, c("0", "1"), c("No", "Yes")),
      postoperative_regimens = number("postoperative_regimens"),
      differentiation = factor_of(raw$differentiation, c("well", "moderate", "poor"), c("Well", "Moderate", "Poor")),
      nlr = number("nlr"),
      response = factor(ifelse(raw$best_response %in% c("CR", "PR"), "Response", "No response"),
                        c("No response", "Response")),
      month = number("response_month"),
      PFS_time = number("pfs_months"), PFS_event = number("pfs_event"),
      OS_time = number("os_months"), OS_event = number("os_event"),
      size_group = two_groups(number("tumor_size_cm"), 10, c("\u2264 10 cm", "> 10 cm")),
      regimen_group = two_groups(number("postoperative_regimens"), 1, c("0 or 1 regimen", "2 regimens or more"))
    ),
    endpoints = c("PFS", "OS"), times = c(6, 12, 24, 60, 500), horizon = 24,
    groups = c(sex = "sex", ecog = "ecog", distant_metastasis = "distant_metastasis",
               differentiation = "differentiation", tumor_size_cm = "size_group",
               postoperative_regimens = "regimen_group"),
    curves = c("distant_metastasis", "tumor_size_cm"),
    factors = c("age_years", "sex", "ecog", "primary_site", "tumor_size_cm", "distant_metastasis",
                "postoperative_regimens", "differentiation", "nlr", "response"),
    multivariable = c("tumor_size_cm", "distant_metastasis", "postoperative_regimens", "differentiation", "nlr",
                      "response"),
    landmarks = c(2, 3, 6)
  )
}

read_lung <- function() {
  raw <- read.csv(file.path(inputs, "lung.csv"))
  list(
    data = data.frame(
      age = raw$age, sex = factor_of(raw$sex, c("1", "2"), c("Male", "Female")),
      ph_ecog = factor_of(raw$ph_ecog, c("0", "1", "2", "3")), ph_karno = raw$ph_karno, wt_loss = raw$wt_loss,
      death_time = raw$time, death_event = raw$status
    ),
    endpoints = "death", times = c(180, 365, 1000, 2000), horizon = 365,
    groups = c(sex = "sex", ph_ecog = "ph_ecog"), curves = c("sex", "ph_ecog"),
    factors = c("age", "sex", "ph_ecog", "ph_karno", "wt_loss"),
    multivariable = c("age", "sex", "ph_karno", "wt_loss"), landmarks = numeric(0)
  )
}

read_lymph_node <- function() {
  raw <- read.csv(file.path(inputs, "lymph_node.csv"))
  list(
    data = data.frame(
      age = raw$age / 10, menopause = factor_of(raw$menopause, c("1", "2")),
      hormone = factor_of(raw$hormone, c("1", "2")), size = raw$size,
      grade = factor_of(raw$grade, c("1", "2", "3")), nodes = raw$nodes, prog_recp = raw$prog_recp,
      recurrence_time = raw$rectime, recurrence_event = raw$censrec,
      death_time = raw$survtime, death_event = raw$censdead
    ),
    endpoints = c("recurrence", "death"), times = c(365, 1095, 1826, 4000), horizon = 1826,
    groups = c(hormone = "hormone", grade = "grade"), curves = character(0),
    factors = c("age", "menopause", "hormone", "size", "grade", "nodes", "prog_recp"),
    multivariable = c("age", "menopause", "hormone", "size", "grade", "nodes", "prog_recp"), landmarks = numeric(0)
  )
}

read_rossi <- function() {
  raw <- read.csv(file.path(inputs, "rossi.csv"))
  list(
    data = data.frame(
      fin = factor_of(raw$fin, c("0", "1")), age = raw$age, race = factor_of(raw$race, c("0", "1")),
      wexp = factor_of(raw$wexp, c("0", "1")), mar = factor_of(raw$mar, c("0", "1")),
      paro = factor_of(raw$paro, c("0", "1")), prio = raw$prio, arrest_time = raw$week, arrest_event = raw$arrest
    ),
    endpoints = "arrest", times = c(10, 26, 52, 60), horizon = 52, groups = c(fin = "fin", wexp = "wexp"),
    curves = "fin", factors = c("fin", "age", "race", "wexp", "mar", "paro", "prio"),
    multivariable = c("fin", "age", "race", "wexp", "mar", "paro", "prio"), landmarks = numeric(0)
  )
}

read_larynx <- function() {
  raw <- read.csv(file.path(inputs, "larynx.csv"))
  stage <- ifelse(raw$Stage_II == 1, "II", ifelse(raw$Stage_III == 1, "III", ifelse(raw$Stage_IV == 1, "IV", "I")))
  list(
    data = data.frame(
      age = raw$age / 10, stage = factor_of(stage, c("I", "II", "III", "IV")),
      age_group = two_groups(raw$age, 65, c("\u2264 65 years", "> 65 years")),
      death_time = raw$time, death_event = raw$death
    ),
    endpoints = "death", times = c(1, 3, 5, 12), horizon = 5, groups = c(stage = "stage", age = "age_group"),
    curves = "stage", factors = c("age", "stage"), multivariable = c("age", "stage"), landmarks = numeric(0)
  )
}

read_leukemia <- function() {
  raw <- read.csv(file.path(inputs, "leukemia.csv"))
  list(
    data = data.frame(
      treatment = factor_of(raw$Rx, c("1", "0")), sex = factor_of(raw$sex, c("0", "1")), log_wbc = raw$logWBC,
      relapse_time = raw$t, relapse_event = raw$status
    ),
    endpoints = "relapse", times = c(5, 10, 20, 40), horizon = 20, groups = c(treatment = "treatment", sex = "sex"),
    curves = "treatment", factors = c("treatment", "sex", "log_wbc"),
    multivariable = c("treatment", "sex", "log_wbc"), landmarks = numeric(0)
  )
}

cohorts <- list(default = read_default(), lung = read_lung(), lymph_node = read_lymph_node(), rossi = read_rossi(),
                larynx = read_larynx(), leukemia = read_leukemia())

# ---- curves and what is read from them -----------------------------------------------------------------------------
kinds <- c("plain", "log", "log-log")
fit_curve <- function(time, event, kind) survfit(Surv(time, event) ~ 1, conf.type = kind)

curve_rows <- function(time, event) {
  fits <- lapply(kinds, function(kind) fit_curve(time, event, kind))
  fit <- fits[[1]]
  data.frame(
    time = fit$time, n_risk = fit$n.risk, n_event = fit$n.event, n_censor = fit$n.censor, surv = fit$surv,
    std_err = ifelse(fit$surv > 0, fit$surv * fit$std.err, NA),
    plain_low = fits[[1]]$lower, plain_high = fits[[1]]$upper, log_low = fits[[2]]$lower, log_high = fits[[2]]$upper,
    loglog_low = fits[[3]]$lower, loglog_high = fits[[3]]$upper
  )
}

spss_median <- function(fit) {
  drop <- fit$n.event > 0
  time <- fit$time[drop]
  surv <- fit$surv[drop]
  slack <- sqrt(.Machine$double.eps)
  at <- which(surv <= 0.5 + slack)[1]
  before <- which(surv >= 0.55 - slack)
  after <- which(surv <= 0.45 + slack)
  none <- c(NA, NA)
  if (is.na(at)) return(c(NA, none))
  error <- (surv * fit$std.err[drop])[at]
  if (!length(before) || !length(after) || !is.finite(error)) return(c(time[at], none))
  u <- max(before)
  l <- min(after)
  density <- (surv[u] - surv[l]) / (time[l] - time[u])
  c(time[at], time[at] + c(-1, 1) * 1.96 * error / density)
}

median_rows <- function(time, event) {
  rows <- lapply(kinds, function(kind) {
    values <- summary(fit_curve(time, event, kind))$table
    values[c("median", "0.95LCL", "0.95UCL")]
  })
  values <- rbind(spss_median(fit_curve(time, event, "plain")), do.call(rbind, rows))
  data.frame(method = c("SPSS", kinds), n = length(time), events = sum(event), estimate = values[, 1],
             low = values[, 2], high = values[, 3], row.names = NULL)
}

rate_rows <- function(time, event, times) {
  do.call(rbind, lapply(kinds, function(kind) {
    fit <- fit_curve(time, event, kind)
    do.call(rbind, lapply(times, function(at) {
      beyond <- at > max(time)
      s <- if (beyond) list(surv = NA, std.err = NA, lower = NA, upper = NA) else summary(fit, times = at)
      data.frame(time = at, method = kind, n_risk = if (beyond) 0 else s$n.risk, n_event = sum(event[time <= at]),
                 surv = s$surv, std_err = s$std.err, low = s$lower, high = s$upper)
    }))
  }))
}

rmst_rows <- function(time, event, horizon) {
  values <- survival:::survmean(fit_curve(time, event, "plain"), rmean = horizon)$matrix
  data.frame(time = horizon, rmst = values["rmean"], std_err = values["se(rmean)"], row.names = NULL)
}

km <- medians <- rates <- follow_up <- rmst <- logrank <- list()
for (cohort in names(cohorts)) {
  plan <- cohorts[[cohort]]
  for (endpoint in plan$endpoints) {
    time <- plan$data[[paste0(endpoint, "_time")]]
    event <- plan$data[[paste0(endpoint, "_event")]]
    add <- function(rows, group = "", level = "") cbind(data.frame(cohort, endpoint, group, level), rows)
    subsets <- list(list("", "", rep(TRUE, length(time))))
    for (group in names(plan$groups)) {
      values <- plan$data[[plan$groups[group]]]
      for (level in levels(values)) {
        keep <- !is.na(values) & values == level
        if (any(keep)) subsets <- c(subsets, list(list(group, level, keep)))
      }
      known <- !is.na(values)
      test <- survdiff(Surv(time, event) ~ values, subset = known)
      df <- length(test$n) - 1
      logrank <- c(logrank, list(add(data.frame(
        n = as.vector(test$n), observed = test$obs, expected = test$exp, chisq = test$chisq, df = df,
        p = pchisq(test$chisq, df, lower.tail = FALSE)
      ), group, sub("^values=", "", names(test$n)))))
    }
    for (subset in subsets) {
      t <- time[subset[[3]]]
      e <- event[subset[[3]]]
      group <- subset[[1]]
      level <- subset[[2]]
      if (group == "" || group %in% plan$curves) km <- c(km, list(add(curve_rows(t, e), group, level)))
      medians <- c(medians, list(add(median_rows(t, e), group, level)))
      rates <- c(rates, list(add(rate_rows(t, e, plan$times), group, level)))
      if (max(t) >= plan$horizon)
        rmst <- c(rmst, list(add(rmst_rows(t, e, plan$horizon), group, level)))
    }
    follow_up <- c(follow_up, list(add(subset(median_rows(time, 1 - event), method != "SPSS"))))
  }
}

# ---- differences between groups ------------------------------------------------------------------------------------
strata_of <- list(default = c("sex"), lung = c("sex"), lymph_node = c("menopause"), rossi = c("race", "mar"), larynx = c("age_group"),
                  leukemia = c("sex"))
exactly <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)
group_contrasts <- group_tests <- list()

trend_of <- function(test) {
  scores <- seq_along(test$n)
  sum(scores * (test$obs - test$exp))^2 / sum(scores * (test$var %*% scores))
}

for (cohort in names(cohorts)) {
  plan <- cohorts[[cohort]]
  within <- strata_of[[cohort]]
  for (endpoint in plan$endpoints) for (group in names(plan$groups)) {
    column <- plan$groups[group]
    data <- data.frame(time = plan$data[[paste0(endpoint, "_time")]], event = plan$data[[paste0(endpoint, "_event")]],
                       values = plan$data[[column]], within = interaction(plan$data[within], drop = TRUE))
    data <- droplevels(data[!is.na(data$values), ])
    found <- levels(data$values)
    contrast <- function(term, level, time, estimate, error) data.frame(
      cohort, endpoint, group, strata = if (grepl("^stratified", term)) paste(within, collapse = " ") else "", term, level,
      reference = found[1], time, estimate, std_err = error, row.names = NULL)
    tested <- function(term, level, reference, n, events, chisq, df, adjusted = NA) data.frame(
      cohort, endpoint, group, strata = if (term == "stratified") paste(within, collapse = " ") else "", term, level, reference,
      n, events, chisq = as.vector(chisq), df, p = pchisq(as.vector(chisq), df, lower.tail = FALSE), adjusted, row.names = NULL)
    fits <- lapply(found, function(level) with(data[data$values == level, ], fit_curve(time, event, "plain")))
    last <- sapply(found, function(level) max(data$time[data$values == level]))
    for (k in seq_along(found)[-1]) {
      for (at in plan$times) if (at <= min(last[c(1, k)])) {
        here <- lapply(fits[c(1, k)], function(fit) summary(fit, times = at))
        group_contrasts <- c(group_contrasts, list(contrast("survival", found[k], at, here[[2]]$surv - here[[1]]$surv,
                                                            sqrt(here[[2]]$std.err^2 + here[[1]]$std.err^2))))
      }
      if (plan$horizon <= min(last[c(1, k)])) {
        means <- sapply(fits[c(1, k)], function(fit) survival:::survmean(fit, rmean = plan$horizon)$matrix[c("rmean", "se(rmean)")])
        group_contrasts <- c(group_contrasts, list(contrast("restricted mean", found[k], plan$horizon, means[1, 2] - means[1, 1],
                                                            sqrt(sum(means[2, ]^2)))))
      }
    }
    fit <- coxph(Surv(time, event) ~ values, data, ties = "efron", control = exactly)
    group_contrasts <- c(group_contrasts, list(contrast("hazard ratio", found[-1], NA, exp(coef(fit)), sqrt(diag(vcov(fit))))))
    z <- cox.zph(fit, transform = "km")$table[1, ]
    group_tests <- c(group_tests, list(tested("proportional hazards", "", "", fit$n, fit$nevent, z["chisq"], z["df"])))
    if (!column %in% within) {
      known <- droplevels(data[!is.na(data$within), ])
      fit <- coxph(Surv(time, event) ~ values + strata(within), known, ties = "efron", control = exactly)
      group_contrasts <- c(group_contrasts, list(contrast("stratified hazard ratio", found[-1], NA, exp(coef(fit)),
                                                          sqrt(diag(vcov(fit))))))
      test <- survdiff(Surv(time, event) ~ values + strata(within), known)
      group_tests <- c(group_tests, list(tested("stratified", "", "", fit$n, fit$nevent, test$chisq, length(found) - 1)))
    }
    if (length(found) < 3) next
    test <- survdiff(Surv(time, event) ~ values, data)
    group_tests <- c(group_tests, list(tested("trend", "", "", nrow(data), sum(data$event), trend_of(test), 1)))
    pairs <- combn(length(found), 2)
    rows <- do.call(rbind, apply(pairs, 2, function(pair) {
      two <- droplevels(data[data$values %in% found[pair], ])
      test <- survdiff(Surv(time, event) ~ values, two)
      tested("pairwise", found[pair[2]], found[pair[1]], nrow(two), sum(two$event), test$chisq, 1)
    }, simplify = FALSE))
    rows$adjusted <- p.adjust(rows$p, "holm")
    group_tests <- c(group_tests, list(rows))
  }
}

# ---- Cox models ----------------------------------------------------------------------------------------------------
converged <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)
cox <- cox_fit <- cox_joint <- ph_test <- list()

record <- function(data, terms, cohort, endpoint, model, factor = "", landmark = NA) {
  data <- data[complete.cases(data[, c("time", "event", terms)]), c("time", "event", terms)]
  data <- droplevels(data)
  formula <- reformulate(terms, quote(Surv(time, event)))
  fit <- coxph(formula, data = data, ties = "efron", control = converged, x = TRUE)
  add <- function(rows) cbind(data.frame(cohort, endpoint, model, factor, landmark), rows, row.names = NULL)
  s <- summary(fit)
  assigned <- fit$assign
  for (term in terms) {
    at <- assigned[[term]]
    level <- if (is.factor(data[[term]])) levels(data[[term]])[-1] else ""
    cox[[length(cox) + 1]] <<- add(data.frame(
      term, level, n = fit$n, events = fit$nevent, coef = coef(fit)[at], se = sqrt(diag(vcov(fit)))[at],
      z = s$coefficients[at, "z"], p = s$coefficients[at, "Pr(>|z|)"],
      hr = s$conf.int[at, "exp(coef)"], low = s$conf.int[at, "lower .95"], high = s$conf.int[at, "upper .95"]
    ))
    rest <- setdiff(terms, term)
    null <- if (length(rest)) coxph(reformulate(rest, quote(Surv(time, event))), data = data, ties = "efron",
                                    control = converged)$loglik[2] else fit$loglik[1]
    lr <- 2 * (fit$loglik[2] - null)
    b <- coef(fit)[at]
    wald <- sum(b * solve(vcov(fit)[at, at, drop = FALSE], b))
    cox_joint[[length(cox_joint) + 1]] <<- add(data.frame(
      term, df = length(at), lr, lr_p = pchisq(lr, length(at), lower.tail = FALSE),
      wald, wald_p = pchisq(wald, length(at), lower.tail = FALSE)
    ))
  }
  cox_fit[[length(cox_fit) + 1]] <<- add(data.frame(
    n = fit$n, events = fit$nevent, loglik0 = fit$loglik[1], loglik1 = fit$loglik[2], df = length(coef(fit)),
    lr = s$logtest["test"], lr_p = s$logtest["pvalue"], wald = fit$wald.test,
    wald_p = pchisq(fit$wald.test, length(coef(fit)), lower.tail = FALSE), score = s$sctest["test"],
    score_p = s$sctest["pvalue"], concordance = s$concordance[1], concordance_se = s$concordance[2]
  ))
  for (transform in c("km", "identity", "rank")) {
    z <- cox.zph(fit, transform = transform)$table
    ph_test[[length(ph_test) + 1]] <<- add(data.frame(
      transform, term = rownames(z), chisq = z[, "chisq"], df = z[, "df"], p = z[, "p"]
    ))
  }
}

for (cohort in names(cohorts)) {
  plan <- cohorts[[cohort]]
  for (endpoint in plan$endpoints) {
    data <- plan$data
    data$time <- data[[paste0(endpoint, "_time")]]
    data$event <- data[[paste0(endpoint, "_event")]]
    for (name in plan$factors) record(data, name, cohort, endpoint, "univariable", name)
    record(data, plan$multivariable, cohort, endpoint, "multivariable")
    if ("response" %in% plan$multivariable)
      record(data, setdiff(plan$multivariable, "response"), cohort, endpoint, "multivariable without response")
    for (landmark in plan$landmarks) {
      kept <- data[data$time > landmark, ]
      responded <- kept$response == "Response" & !is.na(kept$month) & kept$month <= landmark
      kept$response <- factor(ifelse(responded, "Response", "No response"), c("No response", "Response"))
      kept$time <- kept$time - landmark
      record(kept, "response", cohort, endpoint, "univariable", "response", landmark)
      record(kept, plan$multivariable, cohort, endpoint, "multivariable", "", landmark)
    }
  }
}

for (name in c("km", "medians", "rates", "follow_up", "rmst", "logrank", "group_contrasts", "group_tests", "cox", "cox_fit", "cox_joint", "ph_test"))
  write_table(name, get(name))
