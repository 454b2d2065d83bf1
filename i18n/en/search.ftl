# --- counts beside the results of a search ---
found-near = { $count ->
    [one] 1 of them by another form of a word
   *[other] { $count } of them by another form of a word
}
facet-state = State
facet-unread = Unread
facet-abnormal = Abnormal results
facet-attachment = With attachment
facet-topic = Type
facet-patient = Patient
facet-sender = Sender
facet-date = Date
facet-days = Last { $count } days
facet-counted = Counts of the { $count } newest messages
topic-biology = Biology
topic-imaging = Imaging
topic-prescription = Prescription
topic-hospital = Hospital
topic-consultation = Consultation
topic-summary = Summary, vaccination
topic-document = Other document
topic-letter = Letter
topic-receipt = Receipt

# --- find in the open message ---
find-hint = Find in this message
find-none = No match
find-position = { $at } of { $count }

# --- search operators: shown beside the field ---
search-operators =
    To narrow:
    from:martin · to:leroy · subject:discharge · patient:durand
    kind:biology · abnormal · unread · has:attachment
    before:01/03/2026 · after:2026-02 · on:2026-02
    between:01/02/2026..15/02/2026 · in:lab
    "exact words" · without a word: -word
