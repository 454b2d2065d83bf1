# filing to the practice software
filing-undone = Filing undone: { $removed } files removed, { $gone } already taken by the software, { $changed } changed and left in place.
filing-left = in no format of the destination: { $title }
filing-already = already filed { $date }: { $path }
rule-preview = { $count ->
    [0] No message would be taken, of { $looked } looked at.
    [one] 1 message would be taken, of { $looked } looked at.
   *[other] { $count } messages would be taken, of { $looked } looked at.
 }

# settings
filing-title = Filing to the practice software
filing-detail = “File” writes the documents of a message to these folders, which your software collects.
filing-destination-add = Add a destination…
filing-destination-new = New destination
filing-destination-change = Change the destination
filing-edit = Change…
filing-remove = Remove
filing-save = Save
filing-browse = Browse…
filing-name = Name
filing-name-hint = such as the name of the software
filing-folder-of = Folder
filing-pattern = Names of files
filing-pattern-fields = Fields: { $fields }
filing-pattern-length = A pattern has 1 to 200 characters.
filing-pattern-brace = A brace stands alone: write for example { "{nom}" }.
filing-pattern-unknown = There is no field { "{" }{ $word }{ "}" }.
filing-pattern-character = A file name cannot hold “{ $c }”.
filing-pattern-fixed = Add at least one field, or every file would have the same name.
filing-example-of = from the last document received: { $subject }
filing-example-invented = example with a fictitious patient
filing-formats = What is written of each message
filing-format-pdf = PDF
filing-format-cda = CDA (XML)
filing-format-xdm = XDM archive (ZIP)
filing-format-hprim = HPRIM
filing-format-eml = whole message (EML)
filing-usual = “File” writes here; otherwise only rules do
filing-on-request = by a rule only
filing-folder = Filed
filing-move = Move filed messages to the folder “{ $folder }”
rule-title = Rules on arrival
rule-detail = Applied once to every message that arrives in the inbox, in this order.
rule-add = Add a rule…
rule-new = New rule
rule-change = Change the rule
rule-active = Rule in force
rule-raise = Before the one above
rule-name-hint = such as Biology
rule-when = If all of this is true
rule-then = Then
rule-sender = Sender
rule-sender-hint = address, @domain, or name of the laboratory
rule-patient = Patient
rule-patient-any = no matter
rule-patient-with = patient named
rule-patient-without = no patient
rule-file = File to
rule-file-nowhere = do not file
rule-mark = Mark
rule-mark-none = by the filing
rule-folder = Move to the folder
rule-folder-hint = leave empty not to move
rule-alarm = A critical result (LL, HH, AA) stays in the inbox until somebody has seen it.
rule-try = Try on the messages here
rule-trying = Looking at messages…
rule-preview-part = Not all messages were looked at.
rule-save-also = { $count ->
    [one] Save and apply to this message
   *[other] Save and apply to these { $count } messages
 }
rule-when-sender = from { $sender }
rule-then-file = file to { $folder }
rule-then-keyword = mark { $keyword }
rule-then-move = move to { $folder }
rule-subject-biology = biology
rule-subject-imaging = imaging
rule-subject-hospital = hospital letter
rule-subject-consultation = consultation
rule-subject-prescription = prescription
rule-subject-summary = summary (VSM)
rule-subject-health-document = any health document
rule-subject-pdf = PDF
rule-subject-letter = text only

# reading, and notices at the foot of the window
cmd-file = File
mailbox-filed = filed { $moment } · { $folder }
mailbox-filed-by-rule = filed by a rule { $moment } · { $folder }
mailbox-file-again = File again
mailbox-file-again-title = { $count ->
    [one] Already filed
   *[other] { $count } messages already filed
 }
mailbox-file-again-detail = This document was filed { $moment } in “{ $path }”. Filing it again makes a second copy if your software has collected it already.
notice-filed = { $count ->
    [one] 1 message filed · { $folder }
   *[other] { $count } messages filed · { $folder }
 }
notice-filed-nowhere = { $count ->
    [one] 1 message marked as filed. No folder of the practice software is chosen in the settings.
   *[other] { $count } messages marked as filed. No folder of the practice software is chosen in the settings.
 }
notice-filed-in-part = { $count ->
    [0] Nothing was written: the message remains to be filed. In no chosen format:
    [one] 1 file written, but the message remains to be filed. In no chosen format:
   *[other] { $count } files written, but the message remains to be filed. In no chosen format:
 }
notice-unfiled = Filing undone
notice-unfiled-gone = Filing undone; some files had already been collected by your software
notice-unfiled-changed = Filing undone; files changed meanwhile stay in place
trouble-rules = Filing rules
trouble-rules-retry = Try again
trouble-rules-failed = { $count ->
    [one] 1 message could not be filed
   *[other] { $count } messages could not be filed
 }
trouble-rule = Rule “{ $rule }”: { $why }

err-filing-name = This name does not suit.
rec-filing-name = Give a short name without special characters.
err-filing-no-format = No format is chosen.
rec-filing-no-format = Tick at least one format, such as PDF.
err-nothing-to-file = This message brings nothing in the formats of the destination: it is not filed.
rec-nothing-to-file = Add a format to the destination in the settings, such as “whole message (EML)”.
err-deposit-missing = The folder “{ $folder }” cannot be found.
rec-deposit-missing = Check that the network drive is connected, or choose another folder in the settings. Nothing is lost: what was not filed remains to be filed.
err-deposit-denied = The folder “{ $folder }” cannot be written to.
rec-deposit-denied = Ask whoever manages this folder for the right to write there. Nothing is lost: what was not filed remains to be filed.
err-deposit-full = There is no room left in “{ $folder }”.
rec-deposit-full = Make room, then try again. Nothing is lost: what was not filed remains to be filed.
err-deposit-gone = The folder “{ $folder }” no longer answers.
rec-deposit-gone = Check the network or the disk, then try again. Nothing is lost: what was not filed remains to be filed.
err-deposit-slow = The folder “{ $folder }” does not answer.
rec-deposit-slow = Check that the practice’s server is on, then try again. Nothing is lost: what was not filed remains to be filed.
err-deposit-crowded = Too many files already have this name in “{ $folder }”.
rec-deposit-crowded = Empty this folder, or add { "{date}" } or { "{id}" } to the naming pattern.
err-deposit-relative = “{ $folder }” is not a complete path.
rec-deposit-relative = Choose the folder with “Browse”.
err-destination-gone = This destination no longer exists.
rec-destination-gone = Choose another one in the settings.
err-destination-in-use = The rule “{ $rule }” files to this destination.
rec-destination-in-use = Change or remove this rule first.
err-rule-gone = This rule no longer exists.
rec-rule-gone = Read the list of rules again.
err-rule-no-condition = The rule would take every message.
rec-rule-no-condition = Give a sender, a kind of document or the presence of a patient.
err-rule-no-action = The rule does nothing.
rec-rule-no-action = Choose a destination, a mark or a folder.
err-rule-keyword = No server could keep this mark.
rec-rule-keyword = Use unaccented letters and digits, without spaces.
err-xdm-pdf-only = Only PDFs can be sent as XDM.
rec-xdm-pdf-only = Attach at least one PDF, and remove the other files.

# requests of other programs, by an estafette: link
notice-link-waits = A program asks for something: open your mail, its request will follow.
request-title = Another program proposes to write a message
request-detail = Nothing is sent without you. Check recipients and files before you go on.
request-to = To: { $value }
request-subject = Subject: { $value }
request-write = Write
request-write-with = Write with these files
request-write-without = Write without the files
request-patient = Patient: { $facts }
request-ins = INS { $ins }
err-link-refused = This link is no request the program knows: nothing was done.
rec-link-refused = If you did not ask for it yourself, ignore it. Otherwise tell the maker of your software.
err-link-field-refused = This link was refused: “{ $field }” does not suit.
rec-link-field-refused = If you did not ask for it yourself, ignore it. Otherwise tell the maker of your software.
err-file-not-offered = “{ $path }” will not be attached: it is no ordinary file of yours.
rec-file-not-offered = Attach the file yourself if you wish.
err-program-silent = Estafette is open but does not answer this request.
rec-program-silent = Close it, then try again.
err-program-missing = The program was not found beside estafettectl.
rec-program-missing = Open Estafette, then try again.

# composer: documents of a patient as XDM
composer-xdm = Send as XDM…
composer-xdm-title = Send the PDFs as documents of a patient
composer-xdm-detail = Each PDF is put into the archive IHE_XDM.zip and stays attached beside it. Subject and names become those MSSanté asks for.
composer-xdm-patient = Patient
composer-xdm-patient-hint = name, birth date or INS
composer-xdm-nobody = No patient known by this name.
composer-xdm-incomplete = incomplete identity: INS, name, given name, date and sex are needed
composer-xdm-choose = Choose
composer-xdm-about = Documents of { $name } as XDM
composer-xdm-about-detail = Check that the attached files are about this patient.
