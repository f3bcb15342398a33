"""What people look at: the page of a site, and the summary a bring-up ends with.

``gather.gather`` reads plan, journals, measurements and evidence into one frozen ``view.View``;
``page.render`` turns a view into one self-contained page, ``summary.summary`` into terminal lines.

Import from the files, not from here: the programme asks ``change`` what a change does, and must
not wait for templates and signatures.

What must not live here: judging (verdicts come from the evidence), talking to machines,
and anything a page would have to fetch from elsewhere.
"""
