# Delayed entry and strata: Rscript make_entry.R FOLDER
# Writes entry_data.csv (an invented cohort, the same at every run) and entry.csv (what R's survival makes of it).

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

table <- do.call(rbind, rows)
table$value <- format(table$value, digits = 15, trim = TRUE)
write.csv(table, file.path(folder, "entry.csv"), row.names = FALSE, quote = FALSE)
