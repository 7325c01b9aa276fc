//! What a run must never say: passwords, tokens, cookies, however they came in.
