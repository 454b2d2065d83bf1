-- Candidates of a mention are looked for among what people attached, too.
CREATE INDEX patient_choice_ins ON patient_choice (ins) WHERE ins <> '';
CREATE INDEX patient_choice_born ON patient_choice (birth_date) WHERE birth_date <> '';
CREATE INDEX patient_choice_birth_name ON patient_choice (birth_name) WHERE birth_name <> '';
CREATE INDEX patient_choice_used_name ON patient_choice (used_name) WHERE used_name <> '';
