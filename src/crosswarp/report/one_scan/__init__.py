"""The page of one scan: what was answered, beside what the answer rests on."""
