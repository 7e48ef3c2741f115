# Delayed entry and strata: Rscript make_entry.R FOLDER
# Writes entry_data.csv (an invented cohort, the same at every run) and entry.csv (what R's survival makes of it); and two
# cohorts that come with R's survival, followed from birth and observed from diagnosis on: late_pbc.csv (years of age; Mayo
# Clinic, primary biliary cholangitis) and late_mgus.csv (months of age; monoclonal gammopathy), each with its values.

library(survival)
folder <- commandArgs(trailingOnly = TRUE)[1]
set.seed(20240613)
n <- 160
age <- round(rnorm(n, 60, 10))
arm <- rep(c("a", "b"), length.out = n)
center <- sample(c("x", "y", "z"), n, replace = TRUE)
entry <- round(pmax(0, rexp(n, 1 / 6) - 2), 1)
life <- rexp(n, 0.03 * exp(0.02 * (age - 60) + 0.5 * (arm == "b")))
seen <- pmin(life, runif(n, 5, 60))
time <- round(entry + 0.1 + seen, 0)
entry <- pmin(entry, time - 0.1)
data <- data.frame(entry, time, event = as.integer(life == seen), age, arm = as.integer(arm == "b"),
                   center = as.integer(factor(center)))
write.csv(data, file.path(folder, "entry_data.csv"), row.names = FALSE, quote = FALSE)

rows <- list()
add <- function(what, term, value) rows[[length(rows) + 1]] <<- data.frame(what, term, value)
late <- Surv(data$entry, data$time, data$event)
plain <- Surv(data$time, data$event)

for (type in c("log", "log-log", "plain")) {
  curve <- survfit(late ~ 1, conf.type = type)
  median <- summary(curve)$table
  add(paste("median", type), "estimate", median["median"])
  add(paste("median", type), "low", median["0.95LCL"])
  add(paste("median", type), "high", median["0.95UCL"])
  at <- summary(curve, times = c(6, 12, 24, 36))
  for (i in seq_along(at$time)) {
    add(paste("rate", type), paste(at$time[i], "estimate"), at$surv[i])
    add(paste("rate", type), paste(at$time[i], "error"), at$std.err[i])
    add(paste("rate", type), paste(at$time[i], "low"), at$lower[i])
    add(paste("rate", type), paste(at$time[i], "high"), at$upper[i])
    add(paste("rate", type), paste(at$time[i], "at risk"), at$n.risk[i])
  }
}
add("rmst", "36", summary(survfit(late ~ 1), rmean = 36)$table["rmean"])
add("rmst", "error", summary(survfit(late ~ 1), rmean = 36)$table["se(rmean)"])

cox <- function(name, formula) {
  fit <- coxph(formula, data = data, ties = "efron", control = coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 50))
  for (i in seq_along(coef(fit))) {
    add(name, paste("coefficient", i), coef(fit)[i])
    add(name, paste("error", i), sqrt(diag(vcov(fit)))[i])
  }
  add(name, "null", fit$loglik[1])
  add(name, "likelihood", fit$loglik[2])
  add(name, "score", fit$score)
  for (transform in c("km", "rank", "identity")) {
    table <- cox.zph(fit, transform = transform)$table
    for (i in seq_len(nrow(table))) add(paste(name, transform), paste("chi-square", i), table[i, "chisq"])
  }
}
cox("entry", late ~ age + arm)
cox("strata", plain ~ age + arm + strata(center))
cox("entry and strata", late ~ age + arm + strata(center))

# survdiff refuses times of entry; the score test of a Cox model without ties is the log-rank test.
test <- survdiff(plain ~ arm + strata(center), data = data)
add("log-rank in strata", "chi-square", test$chisq)
for (i in 1:2) add("log-rank in strata", paste("expected", i), sum(test$exp[i, ]))
untied <- data
untied$time <- untied$time + seq_len(n) / 1e4
fit <- coxph(Surv(entry, time, event) ~ arm, data = untied)
add("log-rank with entry", "chi-square", fit$score)

write_rows <- function(name) {
  table <- do.call(rbind, rows)
  table$value <- format(table$value, digits = 15, trim = TRUE)
  write.csv(table, file.path(folder, name), row.names = FALSE, quote = FALSE)
  rows <<- list()
}
write_rows("entry.csv")

# Weighted log-rank tests, written out: survdiff takes no times of entry. A weight is a function of the number at risk (r)
# and of the pooled survival just before the time (s).
weights <- list("log-rank" = function(r, s) 1, "Gehan" = function(r, s) r, "Tarone-Ware" = function(r, s) sqrt(r),
                "Fleming-Harrington" = function(r, s) s)
weighted <- function(entry, time, event, arm, weight) {
  s <- 1; difference <- 0; variance <- 0
  for (t in sort(unique(time[event == 1]))) {
    risk <- entry < t & time >= t
    died <- time == t & event == 1
    r <- sum(risk); d <- sum(died); r1 <- sum(risk & arm == 1); d1 <- sum(died & arm == 1)
    w <- weight(r, s)
    difference <- difference + w * (d1 - d * r1 / r)
    if (r > 1) variance <- variance + w^2 * d * (r1 / r) * (1 - r1 / r) * (r - d) / (r - 1)
    s <- s * (1 - d / r)
  }
  difference^2 / variance
}
same <- function(a, b) stopifnot(abs(a - b) < 1e-8 * abs(b))
with(data, same(weighted(0 * time - 1, time, event, arm, weights[["log-rank"]]), survdiff(plain ~ arm)$chisq))
part <- data[1:60, ]
with(part, same(weighted(entry, time, event, arm, weights[["log-rank"]]),
                coxph(Surv(entry, time, event) ~ arm, part, ties = "exact")$score))
for (name in names(weights)) add(name, "invented", with(data, weighted(entry, time, event, arm, weights[[name]])))
write_rows("late_invented_values.csv")

# The three centers compared with delayed entry, by arm too: curves and models from R, log-rank written out as above.
parts_of <- function(entry, time, event, group, stratum = 0 * time) {
  k <- max(group); difference <- numeric(k); variance <- matrix(0, k, k)
  for (s in unique(stratum)) for (t in sort(unique(time[event == 1 & stratum == s]))) {
    risk <- tabulate(group[entry < t & time >= t & stratum == s], k)
    died <- tabulate(group[time == t & event == 1 & stratum == s], k)
    r <- sum(risk); d <- sum(died)
    difference <- difference + died - d * risk / r
    if (r > 1) variance <- variance + d * (r - d) / (r - 1) * (diag(risk / r) - outer(risk / r, risk / r))
  }
  list(difference = difference, variance = variance)
}
chi_square_of <- function(parts) with(parts, drop(difference[-1] %*% solve(variance[-1, -1, drop = FALSE], difference[-1])))
unlate <- with(data, parts_of(0 * time - 1, time, event, center, arm))
same(chi_square_of(unlate), survdiff(plain ~ center + strata(arm), data)$chisq)
add("trend", "", with(with(data, parts_of(entry, time, event, center)),
                      sum(1:3 * difference)^2 / sum(1:3 * (variance %*% 1:3))))
add("stratified", "", chi_square_of(with(data, parts_of(entry, time, event, center, arm))))
for (pair in list(c(1, 2), c(1, 3), c(2, 3))) {
  two <- data[data$center %in% pair, ]
  add("pairwise", paste(pair[2], pair[1]), chi_square_of(with(two, parts_of(entry, time, event, as.integer(factor(center))))))
}
curves <- lapply(1:3, function(center) survfit(Surv(entry, time, event) ~ 1, data[data$center == center, ]))
means <- sapply(curves, function(curve) summary(curve, rmean = 36)$table[c("rmean", "se(rmean)")])
for (at in c(12, 24)) {
  found <- lapply(curves, summary, times = at)
  for (k in 2:3) {
    add(paste("survival", at), paste(k, "estimate"), found[[k]]$surv - found[[1]]$surv)
    add(paste("survival", at), paste(k, "std_error"), sqrt(found[[k]]$std.err^2 + found[[1]]$std.err^2))
  }
}
for (k in 2:3) {
  add("restricted mean", paste(k, "estimate"), means[1, k] - means[1, 1])
  add("restricted mean", paste(k, "std_error"), sqrt(means[2, k]^2 + means[2, 1]^2))
}
exactly <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 50)
models <- list("hazard ratio" = coxph(late ~ factor(center), data, control = exactly),
               "stratified hazard ratio" = coxph(late ~ factor(center) + strata(arm), data, control = exactly))
for (name in names(models)) for (k in 1:2) {
  add(name, paste(k + 1, "estimate"), exp(coef(models[[name]])[k]))
  add(name, paste(k + 1, "std_error"), sqrt(vcov(models[[name]])[k, k]))
}
add("proportional hazards", "", cox.zph(models[[1]], transform = "km")$table[1, "chisq"])
write_rows("late_groups.csv")

late_cohort <- function(name, data, times) {
  write.csv(data, file.path(folder, paste0("late_", name, ".csv")), row.names = FALSE, quote = FALSE)
  late <- with(data, Surv(entry, time, event))
  for (type in c("log", "log-log", "plain")) {
    curve <- survfit(late ~ 1, conf.type = type)
    median <- summary(curve)$table
    for (i in 1:3) add(paste("median", type), c("estimate", "conf_low", "conf_high")[i], median[c("median", "0.95LCL", "0.95UCL")[i]])
    at <- summary(curve, times = times)
    for (i in seq_along(times)) {
      # Counted at the time itself: summary() gives the number at the curve's next time, after whoever enters in between.
      found <- c(estimate = at$surv[i], conf_low = at$lower[i], conf_high = at$upper[i],
                 at_risk = sum(data$entry < times[i] & data$time >= times[i]))
      for (term in names(found)) add(paste("rate", type, times[i]), term, found[term])
    }
  }
  horizon <- max(times)
  mean <- summary(survfit(late ~ 1), rmean = horizon)$table
  add("rmst", "estimate", mean["rmean"])
  add("rmst", "std_error", mean["se(rmean)"])
  for (arm in 0:1) add("median of arm", arm, summary(survfit(late[data$arm == arm] ~ 1))$table["median"])
  fit <- coxph(late ~ measure + arm, data = data, ties = "efron", control = coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 50))
  for (i in 1:2) {
    add("coefficient", names(coef(fit))[i], coef(fit)[i])
    add("std_error", names(coef(fit))[i], sqrt(vcov(fit)[i, i]))
    add("ph", names(coef(fit))[i], cox.zph(fit, transform = "km")$table[i, "chisq"])
  }
  for (name_of in names(weights)) add(name_of, "chi-square", with(data, weighted(entry, time, event, arm, weights[[name_of]])))
  write_rows(paste0("late_", name, "_values.csv"))
}
trial <- subset(pbc, !is.na(trt))
late_cohort("pbc", with(trial, data.frame(id = seq_along(age), entry = round(age, 3), time = round(age + time / 365.25, 3),
                                          event = as.integer(status == 2), measure = round(bili, 1), arm = trt - 1)),
            c(45, 55, 65, 75))
late_cohort("mgus", with(subset(mgus2, !is.na(hgb)), data.frame(id = seq_along(age), entry = 12 * age, time = 12 * age + futime, event = death,
                                           measure = hgb, arm = as.integer(sex == "M"))),
            c(600, 720, 840, 960))
