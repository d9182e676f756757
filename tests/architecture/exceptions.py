"""What may pass a limit, and why. A line without a good reason is a fault; so is one no longer needed."""

# path → (lines it may have, reason)
LONG_MODULES: dict[str, tuple[int, str]] = {}

# "path::function" → (lines it may have, reason)
LONG_FUNCTIONS: dict[str, tuple[int, str]] = {}

# path → (lines it may have, reason)
LONG_TEMPLATES: dict[str, tuple[int, str]] = {}

# Files beside the nine of an area: path below webapp/ → reason
EXTRA_FILES: dict[str, str] = {
    "events/views/managed.py": "the list and what is done with several at once; manage.py is of one event",
    "volunteers/views/leading.py": "a team's page for who leads it; own.py would pass 300 lines",
    "attendance/views/app.py": "the scanner as something to install: service worker and manifest",
    "attendance/views/devices.py": "pairing of phones: staff's list and the phone's side of it",
    "attendance/views/doors.py": "organisers at the door without a phone: walk-ins, everyone out",
    "attendance/views/ticks.py": "the list of names, searched, in pages, with its ticks; doors.py would pass 300 lines",
    "attendance/views/links.py": "what phones hand in: the protocol of docs/scanning.md",
    "attendance/views/pack.py": "what a phone keeps of a session: a file, where scan.py has pages",
    "attendance/views/phones.py": "the list of paired phones and ending several; devices.py would pass 300 lines",
    "attendance/views/photos.py": "evidence is files: another kind of request than the rest",
    "attendance/views/review.py": "scans people are asked to look at",
    "attendance/views/wall.py": "staff's side of the code on the wall: open, show, print",
    "attendance/views/wall_visit.py": "the other side of it: what people see whose phone read the code",
    "calendars/views/resources.py": "another secret than a subscription's; public.py would pass 300 lines",
    "events/domain/__init__.py": "the area has three dozen rules and refusals: one file would pass 400 lines",
    "events/domain/drafts.py": "what is asked for, and its checks",
    "events/domain/refusals.py": "refusals of the area",
    "events/domain/rules.py": "states, limits and what publishing needs",
    "events/forms/__init__.py": "rows within rows and filters; one file would pass 450 lines",
    "events/forms/fields.py": "fields the other forms are made of",
    "events/forms/filters.py": "filters of the lists",
    "events/forms/small.py": "forms of one session and one reason",
    "events/forms/whole.py": "the whole event on one page",
    "events/domain/planned.py": "a row of planned sessions: what it says, or all that is wrong with it",
    "events/domain/places.py": "which registered place somebody means",
    "events/domain/kinds.py": "which kind of event somebody means",
    "events/domain/calendar_file.py": "entries of a calendar file as rows of planned sessions",
    "events/domain/calendar_lines.py": "lines of a calendar file, as old programs write them",
    "events/forms/importing.py": "the form of a file of planned sessions",
    "organisations/views/members.py": "the people of a unit, as a list and one by one; manage.py is of units",
    "volunteers/views/listed.py": "staff's lists of teams, papers, trainings; lists.py is of one of each",
    "recognition/views/certificate_list.py": "certificates.py is of one certificate",
    "recognition/views/session_list.py": "the hours of one session as a list; sessions.py is of one record",
    "recognition/views/waiting.py": "records of all sessions that wait for a word",
    "events/views/importing.py": "a file of planned sessions becomes drafts",
    "events/views/plans.py": "the office: the next plan, and the events that go along",
    "events/views/sessions.py": "organisers' pages of one session; manage.py would pass 500 lines",
    "events/views/states.py": "organisers' buttons that change an event's state",
    "events/views/places.py": "where a session is, on three of these pages: a place of the list or a new one",
    "events/views/questions.py": "organisers' pages of an event's questions",
    "signups/views/sign_up.py": "signing up, with companions, questions and guardians; public.py keeps passes",
    "signups/views/passes.py": "a new pass for a lost one: signed in, or by the link of a guest",
    "signups/views/offers.py": "yes or no to a place that is held: signed in, or by the link of a guest",
    "signups/views/lists.py": "organisers' waitlist and those who ask for approval; manage.py holds sign-ups of others",
    "signups/views/answers.py": "what somebody answered: their own page, or the one behind a guest's link",
    "signups/views/answers_list.py": "what people answered to an event's questions, for its organisers",
    "signups/views/guardians.py": "a minor's guardian: the person's own page, and the staff's with a reason",
    "signups/views/guardian_links.py": "the guardian behind a link, and where a guest finds it",
    "signups/views/many.py": "a list of people signed up at once by a centre",
    "signups/views/courses.py": "one sign-up for a whole course: take it, see its dates, leave it",
    "signups/views/standing.py": "the words templates say of a sign-up; no pages",
    "signups/views/companions.py": "people brought along later: signed in, or by the link of a guest",
    "signups/views/teams.py": "a leader signs members of a team up, all or none",
    "signups/views/handing.py": "hand a shift over to someone named: both sides of it",
    "signups/views/finding.py": "whoever lost the way back finds the pass by telephone and short code",
    "signups/views/answering.py": "whatever a message asks is answered behind its signed link",
    "signups/views/telling.py": "organisers ring up whom no message reaches; manage.py holds sign-ups of others",
    "signups/views/unmet.py": "shifts whose holders lost what they ask for; manage.py holds sign-ups of others",
    "signups/views/centres.py": "a centre's people by person and by event; many.py signs a list up",
    "signups/views/again.py": "the same people signed up again by ticks",
    "signups/views/calling.py": "organisers call fitting volunteers; manage.py holds sign-ups of others",
    "events/queries/__init__.py": "four kinds of reading; one file would pass 400 lines",
    "events/queries/one.py": "one event, session or position, for everyone or for staff",
    "events/queries/found.py": "the public list by words, ranked; public.py would pass 400 lines",
    "events/queries/public.py": "the public list with its filters, by time",
    "events/queries/seats.py": "places and how many are taken",
    "events/queries/staff.py": "lists of staff",
    "recognition/views/certificates.py": "one kind of paper with both its sides; own.py and manage.py hold hours",
    "recognition/views/notice.py": "the public notice of hours; public.py answers for certificates",
    "recognition/views/words.py": "the words templates say of a record; no pages",
    "recognition/views/rules.py": "the office's rule of hours and stars; manage.py would pass 300 lines",
    "recognition/views/sessions.py": "organisers' pages of one session's hours",
    "volunteers/views/lists.py": "lists of the office, certificates, trainings; manage.py would pass 350 lines",
    "volunteers/views/rules.py": "organisers' page of what one position asks for",
    "recognition/views/commendations.py": "the office's lists, which nobody else sees",
    "calendars/atom.py": "text of a news feed from the same entries as ics.py",
    "calendars/linked.py": "an event as schema.org says it: neither a decision nor a view",
    "calendars/views/months.py": "feeds as pages: month, list for other sites, Atom; public.py has the .ics files",
    "calendars/views/sharing.py": "which feed is asked about, and the page that says how to take it",
    "calendars/views/watch.py": "the office's list of centres' addresses",
    "calendars/ics.py": "text of a feed from rows: neither a decision nor a view, and long enough to stand alone",
}

# Functions that take more than six arguments or more than two by place: "path::function" → reason
MANY_ARGUMENTS: dict[str, str] = {
    "webapp/organisations/service.py::set_membership": "who, where, what: the order in which one says it",
    "webapp/signups/service/teams.py::sign_up_team": "where, which team and whom, in that order",
    "webapp/signups/service/followers.py::on_rescheduled": "a follower takes what its hook tells, in that order",
}

# Templates no code names literally: path below templates/ → reason
UNNAMED_TEMPLATES: dict[str, str] = {}
