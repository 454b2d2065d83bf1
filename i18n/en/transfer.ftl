transfer-export = { $count ->
    [one] Export this message
   *[other] Export { $count } messages
 }
transfer-export-folder = Export the folder “{ $folder }”
transfer-export-patient = Export the file of { $patient }
transfer-import = Import messages into “{ $folder }”
transfer-name = Messages
transfer-eml = Message (EML)
transfer-eml-detail = The message as it was received, with its attachments.
transfer-eml-folder = A file for each message (EML)
transfer-eml-folder-detail = A new folder with each message as it was received.
transfer-mbox = One file (mbox)
transfer-mbox-detail = Read by Thunderbird and most mail programs.
transfer-patients = Archive by patient (ZIP)
transfer-patients-detail = A folder for each patient with their messages and documents, and a table of contents.
transfer-clear = These files are not encrypted: keep them in a safe place.
transfer-files = Files
transfer-files-detail = EML, mbox, or ZIP archives of them.
transfer-folder = A folder
transfer-folder-detail = A folder of EML files.
transfer-progress = { $done } of { $total }
transfer-exported = { $count ->
    [one] 1 message exported ({ $size })
   *[other] { $count } messages exported ({ $size })
 }
transfer-exported-detail = { $path }
transfer-imported = { $count ->
    [0] No message added
    [one] 1 message added
   *[other] { $count } messages added
 }
transfer-imported-detail = They are handed to the server as soon as possible.
transfer-duplicates = { $count ->
    [one] 1 message was in this mailbox already.
   *[other] { $count } messages were in this mailbox already.
 }
transfer-unreadable = { $count ->
    [one] 1 file is no message.
   *[other] { $count } files are no messages.
 }
transfer-too-large = { $count ->
    [one] 1 message is too large.
   *[other] { $count } messages are too large.
 }
transfer-close = Close

file-choice-file = Choose a file
file-choice-folder = Choose a folder
file-choice-place = Save
file-choice-why = This computer has no system window to choose a file (no desktop portal, no zenity): choose here.
file-choice-path = Path
file-choice-new = Path and name of the file
file-choice-up = Parent folder
file-choice-take = Choose this file
file-choice-take-folder = Choose this folder
file-choice-save = Save
file-choice-no-folder = There is no such folder.
file-choice-no-file = There is no such file.
file-choice-taken = This name is taken: give another one, nothing is replaced.
file-choice-no-name = Give the file a name.
