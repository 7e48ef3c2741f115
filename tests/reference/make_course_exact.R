# Reference numbers for the lesson on exact intervals, from R's own tests of a proportion.
#
# To make them again (R 4.2 or later), from the root of the repository: Rscript tests/reference/make_course_exact.R
#
# course_exact.csv: coverage and mean width of three intervals at a true rate, summed over all counts. "exact" is
# binom.test, "Wilson" prop.test without continuity correction, "Wald" the textbook formula.

limits <- function(method, n, level) t(vapply(0:n, function(k) {
  z <- qnorm(0.5 + level / 2)
  switch(method,
    exact = as.numeric(binom.test(k, n, conf.level = level)$conf.int),
    Wilson = as.numeric(suppressWarnings(prop.test(k, n, conf.level = level, correct = FALSE))$conf.int),
    Wald = k / n + c(-1, 1) * z * sqrt(k / n * (1 - k / n) / n)
  )
}, numeric(2)))

rows <- list()
for (n in c(5, 20, 60, 113)) for (level in c(0.9, 0.95)) for (method in c("exact", "Wald", "Wilson")) {
  interval <- limits(method, n, level)
  for (rate in c(0.01, 0.1, 0.37, 0.5, 0.93)) {
    chance <- dbinom(0:n, n, rate)
    held <- interval[, 1] <= rate & rate <= interval[, 2]
    rows <- c(rows, list(data.frame(method, n, level, rate, coverage = sprintf("%.15g", sum(chance[held])),
                                    width = sprintf("%.15g", sum(chance * (interval[, 2] - interval[, 1]))))))
  }
}
write.csv(do.call(rbind, rows), "tests/reference/course_exact.csv", row.names = FALSE, quote = FALSE, eol = "\n")
