"""What every lesson uses: exercises and verdicts, questions, interactive figures, the reader's own cohort."""
