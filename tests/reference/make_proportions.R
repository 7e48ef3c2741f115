# Intervals of a proportion: Rscript make_proportions.R FOLDER
# Writes proportions.csv. Clopper-Pearson and the two Wilson intervals are those of binom.test and prop.test; the others are
# written out from their definitions, Blaker's by searching his acceptability with pbinom and qbinom.

folder <- commandArgs(trailingOnly = TRUE)[1]
z_of <- function(level) qnorm(1 - (1 - level) / 2)

wald <- function(x, n, level) x / n + c(-1, 1) * z_of(level) * sqrt(x * (n - x) / n^3)
agresti_coull <- function(x, n, level) {
  z <- z_of(level)
  p <- (x + z^2 / 2) / (n + z^2)
  p + c(-1, 1) * z * sqrt(p * (1 - p) / (n + z^2))
}
jeffreys <- function(x, n, level) {
  a <- (1 - level) / 2
  c(if (x == 0) 0 else qbeta(a, x + 0.5, n - x + 0.5), if (x == n) 1 else qbeta(1 - a, x + 0.5, n - x + 0.5))
}
mid_p <- function(x, n, level) {
  a <- (1 - level) / 2
  above <- function(p) pbinom(x, n, p, lower.tail = FALSE) + dbinom(x, n, p) / 2 - a
  below <- function(p) pbinom(x, n, p) - dbinom(x, n, p) / 2 - a
  c(if (x == 0) 0 else uniroot(above, c(0, x / n), tol = 1e-13)$root,
    if (x == n) 1 else uniroot(below, c(x / n, 1), tol = 1e-13)$root)
}
acceptability <- function(x, n, p) {
  upper <- 1 - pbinom(x - 1, n, p)
  lower <- pbinom(x, n, p)
  a1 <- upper + pbinom(qbinom(upper, n, p) - 1, n, p)
  a2 <- lower + 1 - pbinom(qbinom(1 - lower, n, p), n, p)
  pmin(a1, a2)
}
first <- function(x, n, alpha, outside, inside) {
  for (round in 1:4) {
    p <- seq(outside, inside, length.out = 2001)
    ok <- which(acceptability(x, n, p) >= alpha)[1]
    if (ok == 1) return(p[1])
    outside <- p[ok - 1]
    inside <- p[ok]
  }
  inside
}
blaker <- function(x, n, level) {
  exact <- binom.test(x, n, conf.level = level)$conf.int
  c(if (x == 0) 0 else first(x, n, 1 - level, exact[1], x / n), if (x == n) 1 else first(x, n, 1 - level, exact[2], x / n))
}

methods <- list(
  "Clopper-Pearson" = function(x, n, level) binom.test(x, n, conf.level = level)$conf.int,
  "Wilson" = function(x, n, level) prop.test(x, n, conf.level = level, correct = FALSE)$conf.int,
  "Wilson, continuity-corrected" = function(x, n, level) wilson_corrected(x, n, level),
  "Wald" = wald, "Agresti-Coull" = agresti_coull, "Jeffreys" = jeffreys, "mid-P" = mid_p, "Blaker" = blaker)
# prop.test makes its correction smaller where that exceeds |x - n p|, so that it vanishes for one half under the usual p = 0.5. The limits
# do not depend on p otherwise: one far away gives the formula in print.
wilson_corrected <- function(x, n, level) prop.test(x, n, p = if (2 * x <= n) 0.999 else 0.001, conf.level = level)$conf.int

rows <- list()
for (pair in list(c(0, 10), c(1, 10), c(3, 10), c(5, 10), c(10, 10), c(1, 1), c(0, 113), c(1, 113), c(7, 113), c(42, 113), c(86, 113),
                  c(113, 113), c(36, 154), c(81, 263), c(15, 148), c(1, 29), c(300, 600)))
  for (level in c(0.9, 0.95, 0.99))
    for (name in names(methods)) {
      limits <- suppressWarnings(methods[[name]](pair[1], pair[2], level))
      rows[[length(rows) + 1]] <- data.frame(count_ = pair[1], n = pair[2], level, method = name, low = limits[1], high = limits[2])
    }
table <- do.call(rbind, rows)
for (column in c("low", "high")) table[[column]] <- format(table[[column]], digits = 15, trim = TRUE)
write.csv(table, file.path(folder, "proportions.csv"), row.names = FALSE)
