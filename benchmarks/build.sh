#!/usr/bin/env bash
# Time of `aice build` against the plain toolchain (papermill one notebook after the other, then jupyter-book) on the
# same notebooks, in one hyperfine run. Needs `make book` to have set up .venv, and hyperfine.
# Usage: benchmarks/build.sh [RUNS]; the table goes to benchmarks/build.md.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PATH="$PWD/.venv/bin:$PATH"

cat > "$work/plain" <<EOF
set -e
rm -rf $work/source $work/out && mkdir -p $work/source
cp -r _config.yml _toc.yml CHANGELOG.md book notebooks data $work/source
cd $work/source
for notebook in book/*.ipynb notebooks/*.ipynb notebooks/methods/*.ipynb; do
  papermill --cwd \$(dirname \$notebook) --no-progress-bar \$notebook \$notebook
done
jupyter-book build -W -n --keep-going --path-output $work/out .
EOF

hyperfine --runs "$runs" --warmup 1 --export-markdown benchmarks/build.md \
  --command-name "plain toolchain" "bash $work/plain" \
  --command-name "aice build, everything executed" "aice build --fresh --out $work/book" \
  --command-name "aice build, nothing changed" "aice build --out $work/book"
