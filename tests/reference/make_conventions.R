# Conventions of programs: Rscript make_conventions.R FOLDER
# Writes conventions_data.csv (Gehan's leukemia data and an invented cohort with heavy ties) and conventions.csv (what R's survival makes
# of them; where it has no function, the definition written out).

library(survival)
folder <- commandArgs(trailingOnly = TRUE)[1]
gehan <- data.frame(
  cohort = "gehan",
  time = c(6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35,
           1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23),
  event = c(rep(1, 9), rep(0, 12), rep(1, 21)),
  second = rep(c(1, 0), each = 21))
set.seed(19631)
n <- 150
second <- rep(0:1, length.out = n)
death <- ceiling(rweibull(n, 1.2, 9) * exp(0.45 * second))
end <- ceiling(runif(n, 2, 22))
tied <- data.frame(cohort = "tied", time = pmin(death, end), event = as.integer(death <= end), second)
data <- rbind(gehan, tied)
write.csv(data, file.path(folder, "conventions_data.csv"), row.names = FALSE, quote = FALSE)

rows <- list()
add <- function(cohort, what, term, value) rows[[length(rows) + 1]] <<- data.frame(cohort, what, term, value = as.numeric(value))

# Every order that the tied events may have had, one after another; rest is the hazard of those who go on.
orders <- function(d0, d1, theta, rest) {
  p <- matrix(0, d0 + 1, d1 + 1)
  p[1, 1] <- 1
  for (a in 0:d0) for (b in 0:d1) if (a + b > 0) {
    total <- rest + a + b * theta
    p[a + 1, b + 1] <- (if (a > 0) a / total * p[a, b + 1] else 0) + (if (b > 0) b * theta / total * p[a + 1, b] else 0)
  }
  log(p[d0 + 1, d1 + 1])
}
averaged <- function(d, beta) {
  theta <- exp(beta)
  sum(sapply(sort(unique(d$time[d$event == 1])), function(t) {
    dies <- d$time == t & d$event == 1
    stays <- d$time >= t & !dies
    orders(sum(dies & d$second == 0), sum(dies & d$second == 1), theta, sum(stays & d$second == 0) + theta * sum(stays & d$second == 1))
  }))
}

weighted <- function(d, weight) {
  times <- sort(unique(d$time[d$event == 1]))
  s <- 1
  peto <- 1
  u <- v <- 0
  for (t in times) {
    at <- d$time >= t
    y <- sum(at); y1 <- sum(at & d$second == 1)
    k <- sum(d$time == t & d$event == 1); k1 <- sum(d$time == t & d$event == 1 & d$second == 1)
    peto <- peto * (1 - k / (y + 1))
    w <- weight(y, s, peto)
    u <- u + w * (k1 - k * y1 / y)
    if (y > 1) v <- v + w^2 * k * (y - k) / (y - 1) * y1 / y * (1 - y1 / y)
    s <- s * (1 - k / y)
  }
  u^2 / v
}
weights <- list(
  "Gehan-Breslow" = function(y, s, peto) y, "Tarone-Ware" = function(y, s, peto) sqrt(y), "Peto-Peto" = function(y, s, peto) peto,
  "Peto-Peto, modified" = function(y, s, peto) peto * y / (y + 1), "Fleming-Harrington (0, 1)" = function(y, s, peto) 1 - s,
  "Fleming-Harrington (1, 1)" = function(y, s, peto) s * (1 - s))

for (name in unique(data$cohort)) {
  d <- data[data$cohort == name, ]
  for (group in 0:1) for (type in c("plain", "log", "log-log")) {
    q <- quantile(survfit(Surv(time, event) ~ 1, d[d$second == group, ], conf.type = type), c(0.25, 0.5, 0.75))
    for (i in 1:3) for (part in c("quantile", "lower", "upper"))
      add(name, paste(type, group, names(q$quantile)[i]), part, unname(q[[part]][i]))
  }
  for (group in 0:1) {
    curve <- survfit(Surv(time, event) ~ 1, d[d$second == group, ])
    end <- max(d$time[d$second == group])
    last <- max(d$time[d$second == group & d$event == 1])
    m <- sum(d$event[d$second == group])
    whole <- summary(curve, rmean = end)$table
    add(name, paste("mean", group), "to the last time", whole[["rmean"]])
    add(name, paste("mean", group), "error to the last time", whole[["se(rmean)"]])
    part <- summary(curve, rmean = last)$table
    add(name, paste("mean", group), "to the last event", part[["rmean"]])
    add(name, paste("mean", group), "error to the last event", part[["se(rmean)"]] * sqrt(m / (m - 1)))
  }
  for (ties in c("breslow", "efron", "exact")) {
    fit <- suppressWarnings(coxph(Surv(time, event) ~ second, d, ties = ties, control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)))
    add(name, "coefficient", ties, coef(fit))
    add(name, "error", ties, sqrt(vcov(fit)))
  }
  best <- optimize(function(b) averaged(d, b), c(-5, 5), maximum = TRUE, tol = 1e-12)$maximum
  bend <- (averaged(d, best + 1e-3) - 2 * averaged(d, best) + averaged(d, best - 1e-3)) / 1e-6
  add(name, "coefficient", "averaged", best)
  add(name, "error", "averaged", 1 / sqrt(-bend))
  add(name, "test", "log-rank", survdiff(Surv(time, event) ~ second, d)$chisq)
  add(name, "test", "Peto-Prentice, S(t-)", survdiff(Surv(time, event) ~ second, d, rho = 1)$chisq)
  for (test in names(weights)) add(name, "test", test, weighted(d, weights[[test]]))
  test <- survdiff(Surv(time, event) ~ second, d)
  add(name, "quotient", "(O1 / E1) / (O0 / E0)", test$obs[2] / test$exp[2] / (test$obs[1] / test$exp[1]))
  add(name, "quotient", "exp((O1 - E1) / V)", exp((test$obs[2] - test$exp[2]) / test$var[2, 2]))
  fit <- coxph(Surv(time, event) ~ second, d, control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60))
  residual <- residuals(fit, "schoenfeld")
  times <- as.numeric(names(residual))
  before <- survfit(Surv(time, event) ~ 1, d)
  km <- 1 - sapply(times, function(t) c(1, before$surv)[sum(before$time < t) + 1])
  scales <- list(km = km, rank = rank(times), identity = times, log = log(times))
  for (scale in names(scales)) {
    g <- scales[[scale]] - mean(scales[[scale]])
    add(name, "residuals", scale, sum(g * residual)^2 * length(residual) * vcov(fit)[1] / sum(g^2))
    add(name, "score test", scale, cox.zph(fit, transform = scale)$table[1, "chisq"])
  }
}

table <- do.call(rbind, rows)
table$value <- ifelse(is.na(table$value), "", format(table$value, digits = 15, trim = TRUE))
write.csv(table, file.path(folder, "conventions.csv"), row.names = FALSE, quote = which(names(table) %in% c("what", "term")))
