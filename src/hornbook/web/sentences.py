"""What the layers below say, in the language of the reply.

They speak English, since the database, the logs, the command line and other programs keep what they
say for readers who are not known yet. On its way to a reader it is recognised here. What is not
known stays English; a test holds that everything that can be raised is known.
"""

import re
from functools import cache

from hornbook.web.language import ENGLISH, language, noted, translate

GAP = re.compile(r"%\((\w+)\)s")

KNOWN = (
    # hornbook.errors
    noted("The work failed for now and may succeed when it is tried again."),
    noted("Rate limit: the provider asks for a pause."),
    noted("Rate limit: all calls wait until the provider takes more."),
    noted("Time-out: no answer within the deadline."),
    noted("Server error: the provider failed on its side."),
    noted("Server error: the process reading this page died."),
    noted("Server error: what the work stands on does not answer."),
    noted("Server error: the object store does not answer."),
    noted("Server error: the machine has no file handle, memory or process left for the work."),
    noted("The page cannot be processed as it is; trying again gives the same result."),
    noted("The file cannot be read as a page image. Replace the image."),
    noted("No words found on this page. Replace the image, type the text, or skip the page."),
    noted("The page ended its worker three times. Replace the image, or skip the page."),
    noted("The model gave no answer that can be used."),
    noted(
        "The model declined to answer. Correct the text, choose another model, or skip the page."
    ),
    noted("The model's answer did not fit the form, also when asked again. Choose another model."),
    noted("The model's answer was cut off, also with twice the length. Choose another model."),
    noted("The text is too long for the model. Shorten it, or choose another model."),
    noted("The whole job has to stop; no page is to blame."),
    noted("Key refused: the provider does not accept the key. Correct the key, then resume."),
    noted("Quota: the account has no credit left. Top it up, then resume."),
    noted("Model unknown: the provider has no model of this name. Choose another, then resume."),
    noted(
        "Request refused: the provider does not take what it is sent. See HORNBOOK_MODEL_OUTPUT."
    ),
    noted(
        "Language missing: the local reader has no data for this language. Install it, then resume."
    ),
    noted("No model: nobody is chosen who could look at pages. Choose a model, then resume."),
    noted("Spending cap: this job has cost what it may cost. Resume spends as much again."),
    noted(
        "Spending cap: this job has cost %(spent)s and may cost %(cap)s."
        " Resume spends as much again."
    ),
    noted("Another worker has taken over this job."),
    noted("There is no such thing."),
    noted("The present state does not allow it."),
    noted("A job is already active for this book. Wait until it ends, or stop it."),
    noted("Somebody changed this in the meantime. Load it again, then repeat your change."),
    noted("The request asks for something impossible."),
    noted("The file is no page image."),
    noted("The file is too large."),
    # Models
    noted("%(model)s answered in %(seconds)s s."),
    noted("Key refused: there is none. Set %(variable)s, then resume."),
    noted("Key refused: there is none."),
    noted("Model unknown: the provider has no model %(model)s. Choose another, then resume."),
    noted(
        "Model unknown: %(model)s was not found, and what said so is no provider."
        " The address in %(variable)s may be wrong. Correct it, then start Hornbook again."
    ),
    noted("Model unknown: %(variable)s is no web address. Correct it, then start Hornbook again."),
    noted("Model unknown: the provider has no model %(model)s."),
    noted("Model unknown: %(model)s is none of %(known)s. Choose one, then resume."),
    noted("Model unknown: %(model)s is none of %(known)s."),
    noted(
        "Model unknown: what asks %(provider)s is not installed. Run"
        " pip install %(package)s, then start Hornbook again."
    ),
    noted(
        "Request refused: the provider does not take what it is sent (%(reason)s)."
        " If that is the form of the answer, set HORNBOOK_MODEL_OUTPUT, then resume."
    ),
    noted("Rate limit: as many calls as may be made at once are waiting for answers."),
    noted(
        "Spending cap: what %(model)s costs is unknown, so that no cap can be kept."
        " Set HORNBOOK_MODEL_PRICE, then resume."
    ),
    noted(
        "Spending cap: this job has cost $%(spent)s and may cost $%(most)s."
        " Resume spends as much again."
    ),
    noted("Request refused: the provider does not take what it is sent (%(reason)s)."),
    noted("Time-out: the model took over %(seconds)s s."),
    noted(
        "The model's answer was cut off, and with twice the length it took over %(seconds)s s."
        " Choose another model."
    ),
    noted("Server error: the connection to the provider failed."),
    noted("Server error: the provider failed on its side (status %(status)s)."),
    noted("Server error: the provider's answer cannot be read."),
    noted("Server error: the provider's answer has no content."),
    noted("Server error: the call of the model failed (%(fault)s)."),
    noted("Server error: Hornbook stops asking models."),
    noted("The model cannot read the page's image. Replace the image."),
    # Books, pages and their review
    noted("There is no book %(book)s."),
    noted("There is no page %(page)s in this book."),
    noted("There is no page %(page)s."),
    noted("Book %(book)s has no page %(page)s."),
    noted("Page %(page)s has no text yet."),
    noted("Page %(page)s has no image yet."),
    noted("Page %(page)s is being read. Try again in a moment."),
    noted("Page %(page)s is being read already, or will be in a moment."),
    noted("Page %(page)s is skipped. Take the rejection back first."),
    noted("These pages are being read already, or are skipped."),
    noted("Every page of this book has been read."),
    noted("There is no place %(place)s; the book has %(last)s pages."),
    noted("There is no size %(size)s; there are %(sizes)s."),
    noted("There is no text revision %(revision)s of page %(page)s."),
    noted("A page can be turned by 90, 180 or 270 degrees."),
    noted("The pages were moved in the meantime. Look at them again."),
    noted("Another window of yours has other words for this page that were not saved."),
    noted("There is nothing to undo any more."),
    noted("This was undone already."),
    noted("The page was deleted since. This can no longer be undone."),
    noted("Page %(page)s was changed again since. This can no longer be undone."),
    # Uploads
    noted("No files were given. Choose at least one page image."),
    noted("None of %(files)s files can be used. %(sentence)s"),
    noted("%(file)s is no PNG, JPEG, TIFF or WebP image. Save it as one, then upload it."),
    noted(
        "%(file)s is no PNG, JPEG, TIFF or WebP image and no PDF. Save it as one, then upload it."
    ),
    noted(
        "%(file)s is a HEIC photo, and HEIC photos need hornbook[heic] at the server."
        " Save it as a JPEG, or have that installed, then upload it."
    ),
    noted("%(file)s is empty (0 bytes). Choose the file again."),
    noted("%(file)s is too large (%(size)s); the limit is %(limit)s a file."),
    noted("%(file)s is too large (%(size)s); the limit is %(limit)s a PDF."),
    noted("%(file)s arrived with %(size)s bytes instead of %(announced)s. Send it again."),
    noted("%(file)s was dropped from this upload. Upload it anew."),
    noted("%(file)s was already received with other bytes."),
    noted("%(files)s files are too many; at most %(most)s go into one upload."),
    noted("The book would have %(pages)s pages; at most %(most)s are possible."),
    noted("%(file)s has more than %(most)s pages. Split it into smaller files."),
    noted("The PDF is protected by a password. Save a copy without one, then upload that."),
    noted("The PDF is damaged or incomplete. Save or download it again, then upload it."),
    noted("The PDF has no pages. Choose another file."),
    noted(
        "The PDF cannot be opened within reasonable time and memory. Save it anew, or as images."
    ),
    noted("Every file of this upload is already a page of this book."),
    noted("Book %(book)s has no open upload %(upload)s."),
    noted("This upload has no file %(number)s."),
    noted("The file is too large: the limit is %(limit)s MB a file."),
    noted("A request may have at most %(most)s files."),
    noted("The form has no file in its field '%(field)s'."),
    noted("The files are expected as multipart/form-data."),
    noted("The multipart form is malformed, or it ended too early."),
    # Reading
    noted("The image is damaged or incomplete. Save or scan it again, then replace it."),
    noted("The image takes too much memory. Scan it smaller, then replace it."),
    noted("The file is no JPEG, PNG, TIFF or WebP image. Replace it with one of these."),
    noted(
        "The image has %(size)s pixels; at most %(most)s million and %(longest)s a side can be"
        " read. Scan it at a lower resolution, then replace it."
    ),
    noted("The file has no page %(number)s. Replace it."),
    noted("Page %(page)s of the PDF is damaged. Replace it with an image of the page."),
    noted("The page of the PDF has no size. Replace it with an image."),
    noted("The uploaded file is missing from the store. Replace the image."),
    noted("Time-out: reading the page took over %(seconds)s s."),
    noted("Time-out: reading the page took longer than %(seconds)s s."),
    noted("Server error: Tesseract failed on this page (%(reason)s)."),
    noted("Server error: the process reading this page died (%(reason)s)."),
    noted("Server error: the process reading this page gave no reading."),
    noted("Server error: the workshop is closed."),
    # The store
    noted("Other bytes are already kept under %(key)s."),
    noted("The object store has nothing under %(key)s."),
    noted("The object store refuses access: %(reason)s"),
    noted("The object store does not do its work: %(reason)s"),
    noted("The disk of the object store is full. Make room, then resume, or send it again."),
    noted("The folder of the object store is gone: %(folder)s"),
    noted(
        "The object store overwrites objects that it was asked to create only;"
        " pages would not be safe in it."
    ),
    noted("Another process keeps writing the same files of the bucket."),
    # Guidelines
    noted("The book has no pages yet: upload some first."),
    noted("There is no range %(first)s to %(last)s: the book has pages 1 to %(pages)s."),
    noted("No page of this range has text: read the pages first, or type their text."),
    noted("None of these pages is owed any more."),
    noted("Page %(page)s has no text: read it again, type its text, or skip it."),
    noted("There are no guidelines to refine: generate them first."),
    noted("There are no guidelines to approve: generate them first."),
    noted("There is no guideline %(guideline)s in this book."),
    noted("There is no published guideline %(guideline)s."),
    noted("There is no decision %(decision)s in this book."),
    noted("A guideline cannot be empty: delete its published row instead."),
    noted("This guideline has no version %(number)s."),
    noted("This version is the present text: there is nothing to restore."),
    noted("There is nothing to choose between: no run wrote another text."),
    noted("There was no run to go on with."),
    # Study plans
    noted("There is no study plan of the guideline %(guideline)s yet."),
    noted("The guideline was changed while its study plan was made. Make it again."),
    noted("The study plan cannot be used: %(reason)s."),
    noted("it has %(steps)s steps instead of %(least)s to %(most)s"),
    noted("two of its steps have the same id"),
    noted("it would take %(minutes)s minutes"),
    noted("it is generic although the guideline says something, or the other way round"),
    noted("step %(number)s has no %(field)s"),
    noted("step %(number)s rests on no statement of the guideline"),
    noted("step %(number)s rests on a statement that the guideline does not have"),
    # Refinements
    noted("the title carried a number, noise or capitals"),
    noted("the same title and the same content"),
    noted("A human has undone this."),
    noted("There is no such topic."),
    noted("There is no such subtopic."),
    noted("A subtopic cannot be merged with itself."),
    noted("The subtopic has already been merged away."),
    noted("The merges would go in a circle."),
    noted("A human has edited the text that would go."),
    noted("A human has edited the text that it would go into."),
    noted("The subtopic has been merged away."),
    noted("A title needs words."),
    noted("This changes nothing."),
    noted("Another one beside it has this name."),
    # Models
    noted("No model is chosen that could look at pages. Choose one under Settings."),
    noted(
        "Language missing: the local reader has no data for %(language)s. Put %(file)s into the"
        " folder that TESSDATA_PREFIX names, or have pages read by a model."
    ),
    noted("Reads the pages of a book, writes its guidelines and refines them."),
    noted("Writes a study plan from a published guideline."),
    noted("Reads a study plan critically and asks for changes."),
    noted("Offline extractor"),
    noted("There is no component %(component)s."),
    noted("There is no provider %(provider)s."),
    noted("A description has at most %(most)s characters."),
    noted("A model of a provider needs a name."),
    noted("The name of a model has at most %(most)s characters."),
    noted("The name of a model has no spaces."),
    noted("Key refused: the server has no key in %(variables)s."),
    noted("The offline extractor is part of Hornbook and needs no connection."),
    noted("%(model)s answered in %(seconds)s s."),
    # Languages
    noted("Arabic"),
    noted("Bengali"),
    noted("Chinese"),
    noted("Czech"),
    noted("Dutch"),
    noted("English"),
    noted("French"),
    noted("German"),
    noted("Gujarati"),
    noted("Hindi"),
    noted("Indonesian"),
    noted("Italian"),
    noted("Japanese"),
    noted("Kannada"),
    noted("Korean"),
    noted("Malayalam"),
    noted("Marathi"),
    noted("Nepali"),
    noted("Odia"),
    noted("Persian"),
    noted("Polish"),
    noted("Portuguese"),
    noted("Punjabi"),
    noted("Russian"),
    noted("Sinhala"),
    noted("Spanish"),
    noted("Swahili"),
    noted("Tamil"),
    noted("Telugu"),
    noted("Turkish"),
    noted("Ukrainian"),
    noted("Urdu"),
    noted("Vietnamese"),
    # Jobs
    noted("There is no job %(job)s in this book."),
    noted("There is no job %(job)s."),
    noted("This job has ended meanwhile. Try again."),
    noted("%(work)s is about to start for this book. Wait until it ends, or stop it."),
    noted(
        "%(work)s is under way for this book (%(done)s of %(total)s done)."
        " Wait until it ends, or stop it."
    ),
    noted("Reading the pages"),
    noted("Generating guidelines"),
    noted("Refine & Consolidate"),
    noted("Publishing"),
    noted("Stopped by you"),
    noted("Stopped by you at page %(page)s"),
    noted("Stopped by you at subtopic %(subtopic)s"),
    noted("Interrupted: the server stopped. Resume goes on from there."),
    noted("Interrupted: the server stopped at page %(page)s. Resume goes on from there."),
    noted("Interrupted: the server stopped at subtopic %(subtopic)s. Resume goes on from there."),
    noted("Server error: an unexpected fault (%(fault)s); the log has the details"),
    noted("%(sentence)s; the provider asks to wait until %(time)s UTC (stopped)."),
    noted("%(sentence)s; the provider asks to wait until %(time)s UTC (stopped at page %(page)s)."),
    noted("%(sentence)s (stopped)."),
    noted("%(sentence)s (stopped at page %(page)s)."),
    noted("%(sentence)s (stopped at subtopic %(subtopic)s)."),
    noted("Server error: %(sentence)s"),
    noted("Writing summaries"),
    noted("Waiting for %(awaited)s"),
    noted("the database"),
    noted("the object store"),
    noted("room on the disk of the object store"),
    noted("room on the disk of the database"),
    noted("the machine to have room for more files and processes"),
    noted("the machine"),
    noted("Stop asked for at %(time)s UTC; ending what was begun"),
    noted("Reading %(pages)s: %(first)s to %(last)s."),
    noted("Resuming at page %(page)s: %(pages)s left, %(kept)s kept."),
    noted("Resuming after the last page: all %(pages)s kept."),
    noted("Nothing is owed: all %(pages)s are done."),
    noted("1 page"),
    noted("%(number)s pages"),
    noted("%(file)s: %(sentence)s"),
)
"""The more particular before the more general."""


def told(sentence: str) -> str:
    """Give a sentence of the layers below in the language of this reply."""
    if language() == ENGLISH:
        return sentence
    return _translated(sentence) or sentence


def _translated(*forms: str) -> str | None:
    for known, pattern in _patterns():
        for found in filter(None, map(pattern.fullmatch, forms)):
            fillers = {name: _filler(said) for name, said in found.groupdict().items()}
            return translate(known) % fillers
    return None


def _filler(said: str) -> str:
    """Translate what fills a gap if it is a sentence too, perhaps without its full stop."""
    return _translated(said, f"{said}.") or said


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((known, re.compile(_pattern(known), re.DOTALL)) for known in KNOWN)


def _pattern(known: str) -> str:
    text, *rest = GAP.split(known)
    gaps = zip(rest[::2], rest[1::2], strict=True)
    return re.escape(text) + "".join(f"(?P<{name}>.+?){re.escape(after)}" for name, after in gaps)
