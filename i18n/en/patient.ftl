# patients
patient-title = Patients
patient-search-hint = Name, birth date or INS…
patient-all = All
patient-to-attach = To attach ({ $count })
patient-waiting = { $count ->
    [one] 1 message to attach to a patient
   *[other] { $count } messages to attach to a patient
}
patient-count = { $count ->
    [0] No patient
    [one] 1 patient
   *[other] { $count } patients
}
patient-shown-of = { $shown } of { $total } shown: narrow the search
patient-messages = { $count ->
    [0] no message
    [one] 1 message
   *[other] { $count } messages
}
patient-empty = No patient yet
patient-empty-detail = Patients appear here as the documents your colleagues send are read.
patient-not-found = No patient found
patient-not-found-detail = Try the beginning of a name, a date such as 26/11/1978, or the first digits of the INS.
patient-choose = No patient chosen
patient-choose-detail = Choose a patient in the list to see their messages and documents.
patient-nothing-waits = Nothing to attach
patient-nothing-waits-detail = Every document has found its patient, or was left aside.
patient-none = no patient
patient-born-unknown = birth date unknown
patient-no-ins = no INS
patient-ins = INS received { $ins }
patient-birth-place = birth place { $code }
patient-conflict = Same INS as another patient
patient-conflict-detail = Another patient has this INS with other traits: one of both identities is wrong. Compare before filing.
patient-contradiction = contradiction
patient-mention-conflict = The message contradicts itself about its patient
patient-mention-conflict-detail = Metadata, document and subject do not name the same person. Compare before attaching.
patient-merged = Joined with { $name }
patient-part = Separate
patient-export = Export…
patient-merge = Join with…
patient-merge-title = Join two patients
patient-merge-detail = Choose in the list the patient to join { $name } with. Both histories are then shown together; this can be taken back.
patient-merge-yes = Join
patient-merge-into = Join { $from } with { $into }?
patient-merge-stop = Do not join
patient-parted = Patients separated
patient-merge-done = Patients joined
patient-filter-all = All
patient-filter-biology = Biology
patient-filter-reports = Reports
patient-filter-prescriptions = Prescriptions
patient-filter-imaging = Imaging
patient-filter-others = Others
patient-filter-values = Results over time
patient-entries-none = No message of this kind
patient-entries-more = Only the newest messages are shown.
patient-values-none = No figures
patient-values-none-detail = Laboratory analyses of this patient will show here, each unit apart.
patient-open = Open the message
patient-page = Patient page
patient-detach = Detach
patient-detached = Detached: the message waits to be attached again
patient-attach = Attach
patient-attach-here = It is this patient
patient-attach-alike = Also attach { $count ->
    [one] the other message that names them identically
   *[other] the { $count } other messages that name them identically
}
patient-new = New patient
patient-leave = Leave without a patient
patient-left = Left without a patient
patient-attached = Attached
patient-created = Patient made
patient-named = In the message
patient-known = Known patient
patient-candidates-none = No known patient is like this one.
patient-by-hand = attached by you
patient-like-same = same identity
patient-like-same-ins = same INS, other traits
patient-like-same-traits = same traits, no INS
patient-like-other-ins = another INS
patient-like-names-swapped = names swapped
patient-like-near-date = near birth date
patient-like-near-name = near name
patient-like-subject = named in the subject
patient-trait-birth-name = Birth name
patient-trait-used-name = Used name
patient-trait-first-name = Given names
patient-trait-birth-date = Birth date
patient-trait-sex = Sex
patient-trait-birth-place = Birth place
patient-trait-ins = INS received
patient-trait-differs = differs
patient-replaces = This document says that it replaces “{ $title }” of { $date }
patient-replaced-by = “{ $title }” of { $date } says that it replaces this document
patient-replaces-done = Replaces “{ $title }” of { $date }
patient-replaced-done = Document replaced by “{ $title }” of { $date }
patient-replace-detail = Nothing is deleted: the older document can still be read, marked as replaced.
patient-replace-other-sender = The sender is not the one of the older document.
patient-replace-other-patient = Both documents are not attached to the same patient.
patient-replace-yes = Yes, it replaces it
patient-replace-no = No, keep both
patient-replace-undo = Undo the replacement
patient-replace-open = See the other document
patient-replaced = replaced
patient-previous = Earlier
patient-trend-range = { $count } values from { $first } to { $last }
patient-trend-last = last value
# states of messages
triage-to-do = to do
triage-to-file = to file
triage-to-read = to read
triage-filed = filed
triage-none = No state
triage-menu = State
triage-all = All states
triage-here-only = on this station only
triage-here-only-detail = The server of this mailbox keeps no states: other stations do not see it.
triage-set-to-do = Mark to do
triage-set-to-file = Mark to file
triage-set-to-read = Mark to read
triage-set-filed = Mark filed
triage-empty = No message in this state
triage-empty-detail = Choose “All states” to see the whole folder again.
