"""The form: outcome, category, frames, words, confidence."""
