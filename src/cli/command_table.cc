// The texts of the command line. Everything that shows commands is made from these (spec.h).
#include "cli/spec.h"
#include "query/report_file.h"

namespace mailtrail::cli {
namespace {

using Options = std::vector<Option>;

const Option kJson{"json", 0, "", "print JSON, one object a line where there are many"};
const Option kColor{
    "color", 0, "WHEN", "colours: auto (on a terminal), always or never", Values::kWords, {"auto", "always", "never"}};
const Option kNoPager{"no-pager", 0, "", "do not show long pages through $PAGER"};
const Option kHelp{"help", 'h', "", "show how the command is used"};

const Option kStore{
    "store", 0, "DIR",
    "the store; else $MAILTRAIL_STORE, /var/lib/mailtrail for root, ~/.local/share/mailtrail for others",
    Values::kFiles};
const Option kWait{"wait", 0, "SECONDS", "how long to wait where another program uses the store; 0 if not given"};
const Option kThreads{"threads",     0,  "N", "threads to work with; else as many as there are processors",
                      Values::kNone, {}, true};

// What every command that reads logs takes.
const Options kLogOptions = {
    {"since", 0, "TIME",
     "only from this time on: a span back from the end of the log (2d, 90m), a date (2026-11-20), a date and time "
     "(2026-11-20T10:00), today or yesterday"},
    {"until", 0, "TIME", "only before this time, written as for --since"},
    {"host", 0, "HOST", "only what this host logged, named as in the log"},
    {"timezone", 0, "ZONE",
     "the zone of log lines that state none: Europe/Berlin, UTC, +02:00; else the zone of this system"},
    {"store", 0, "DIR",
     "the store to answer from where no LOG is given; else $MAILTRAIL_STORE, /var/lib/mailtrail for root, "
     "~/.local/share/mailtrail for others",
     Values::kFiles},
    kWait,
    kThreads,
};

Options with_common(Options own, bool reads_logs) {
  if (reads_logs) own.insert(own.end(), kLogOptions.begin(), kLogOptions.end());
  own.insert(own.end(), {kJson, kColor, kNoPager, kHelp});
  return own;
}

const Option kPer{"per",
                  0,
                  "ROW",
                  "what a row is: attempt (one delivery attempt for one recipient), recipient (its final outcome), "
                  "message (a stay in one queue), journey (a mail with all its stays), rejection, login, event",
                  Values::kWords,
                  {"attempt", "recipient", "message", "journey", "rejection", "login", "event"}};
const Option kLimit{"limit", 'n', "N", "at most N rows, the earliest first"};

std::vector<std::string_view> report_names() {
  std::vector<std::string_view> names;
  for (const query::ShippedReport& report : query::shipped_reports()) names.push_back(report.name);
  return names;
}

Command report_command() {
  Command command;
  command.name = "report";
  command.arguments = "[LOG...]";
  command.summary = "what happened: volumes, outcomes, reasons, delays, refusals, logins";
  command.description = {
      "Reads the logs once and shows one page: how many mails came and what became of their recipients, why some were "
      "not "
      "reached and who must act, what waits and since when, what was refused at the door, who logged in and who tried.",
      "Figures count journeys (a mail as a person counts it) and recipients (their final outcome), unless they say "
      "otherwise. A mark ≈ stands beside estimates.",
      "With --since and --until a mail counts by the time at which it was received, with all that became of it.",
      "Beside that page there are reports on one question each, such as who makes us wait or which addresses must go: "
      "--list names them, --name shows one. Each is a text file with a search and a layout, and so can your own be: "
      "docs/report.md tells how to write one for --layout. Where such a report has no rows the exit status is 1."};
  command.options =
      with_common({{"top", 0, "N", "rows of each list, 5 if not given; of a report of --name or --layout, its rows"},
                   {"per",
                    0,
                    "SPAN",
                    "the main figures as a table with a row for each hour, day, week or month",
                    Values::kWords,
                    {"hour", "day", "week", "month"}},
                   {"compare", 0, "", "with --since: say how figures differ from the same time before (a store does)"},
                   {"no-compare", 0, "", "do not"},
                   {"list", 0, "", "list the reports on one question"},
                   {"name", 0, "NAME", "show one of these", Values::kWords, report_names()},
                   {"layout", 0, "FILE", "show the report that this file describes", Values::kFiles}},
                  true);
  command.examples = {
      {"mailtrail report /var/log/mail.log*", "all that the logs hold"},
      {"mailtrail report --since yesterday --until today /var/log/mail.log*", "yesterday"},
      {"mailtrail report --per day /var/log/mail.log*", "day by day"},
      {"mailtrail report --since 7d --compare /var/log/mail.log*", "and how it differs from the week before"},
      {"journalctl -o export -u 'postfix*' | mailtrail report -", "from the journal"},
      {"mailtrail report --name deferred_by_relay /var/log/mail.log*", "who makes us wait"}};
  command.most = kAnyNumber;
  command.values = Values::kFiles;
  command.reads_logs = true;
  return command;
}

Command trace_command() {
  Command command;
  command.name = "trace";
  command.arguments = "QUERY [LOG...]";
  command.summary = "what became of a mail: its journey, every attempt, the lines that say so";
  command.description = {
      "Finds the mails that the search takes and tells each from its arrival to the final outcome of every recipient, "
      "through content filters, aliases and forwards, with the replies of the other servers and what they mean.",
      "QUERY is an address, a queue id, a message id, or any other search (see mailtrail search).",
      "What the log states and what is inferred are told apart: each inferred step says what it rests on."};
  command.options = with_common({{"verbose", 'v', "", "show the log lines below each step"},
                                 {"limit", 'n', "N", "at most N mails, the latest; 20 if not given"}},
                                true);
  command.examples = {{"mailtrail trace bob@example.net /var/log/mail.log*", "all mails from or to bob"},
                      {"mailtrail trace -v 4F5C6KzL9z /var/log/mail.log", "one queue id, with its log lines"},
                      {"mailtrail trace 'to:@example.net status:bounced' --since 1d /var/log/mail.log*", "a search"}};
  command.least = 1;
  command.most = kAnyNumber;
  command.takes_query = true;
  command.values = Values::kFiles;
  command.reads_logs = true;
  return command;
}

Command search_command() {
  Command command;
  command.name = "search";
  command.arguments = "QUERY [LOG...]";
  command.summary = "attempts and messages that match, as a table";
  command.description = {
      "QUERY is a list of conditions that must all hold, such as from:alice@example.com to:@gmail.com status:bounced "
      "reason:mailbox_full code:550 dsn:5.1.1 client:192.0.2.0/24 user:bob host:mx1 queue:4F5C6 msgid:<a@b> "
      "subject:\"invoice\" relay:*.outlook.com size:>10M delay:>5m since:2d, with OR, NOT (or -) and parentheses. A "
      "bare "
      "word that holds @ is any address; another bare word is searched in subject, ids and reply. '' is everything.",
      "A row is a delivery attempt for one recipient, unless --per says otherwise. Rows are in the order of time up to "
      "100,000 of them; where there are more they come in the order in which the log decides them, and this is said.",
      "Not on a terminal, rows are not cut to a width, unless COLUMNS is set."};
  command.options = with_common({kPer, kLimit}, true);
  command.examples = {
      {"mailtrail search 'status:bounced to:@example.net' /var/log/mail.log*", "attempts that bounced at a domain"},
      {"mailtrail search --per rejection client:192.0.2.0/24 /var/log/mail.log", "what a network was refused"},
      {"mailtrail search --per login '-status:success' /var/log/mail.log", "logins that failed"},
      {"mailtrail search --json 'delay:>5m' /var/log/mail.log", "for other programs"}};
  command.least = 1;
  command.most = kAnyNumber;
  command.takes_query = true;
  command.values = Values::kFiles;
  command.reads_logs = true;
  return command;
}

Command events_command() {
  Command command;
  command.name = "events";
  command.arguments = "[LOG...]";
  command.summary = "the events, one a line: what was understood, and what was not";
  command.description = {
      "Prints what each log line says, in the order of time: time, host, program, kind, queue id and the fields of the "
      "kind. Every line gives at least one event; a line that nobody understood is the kind unparsed."};
  command.options = with_common({{"kind", 'k', "KIND[,KIND...]", "only events of these kinds", Values::kKinds}}, true);
  command.examples = {{"mailtrail events --kind unparsed /var/log/mail.log", "the lines that nobody understood"},
                      {"mailtrail events --kind reject,login --json /var/log/mail.log", "for other programs"}};
  command.most = kAnyNumber;
  command.values = Values::kFiles;
  command.reads_logs = true;
  return command;
}

Command export_command() {
  Command command;
  command.name = "export";
  command.arguments = "QUERY [LOG...]";
  command.summary = "rows that match, as CSV, JSON or Parquet, with all their columns";
  command.description = {
      "Takes the searches of mailtrail search. CSV has a line of headings and is safe to open in a spreadsheet: a "
      "field "
      "that a spreadsheet would take for a formula gets an apostrophe before it. JSON is one object a line. Parquet "
      "needs -o, and has types (docs/sql.md).",
      "Rows come in the order in which the log decides them. With -o the file is complete or not there at all: it is "
      "written under another name (FILE.tmp) and renamed when all is on the disk. Where nothing matches no file is "
      "made."};
  command.options = with_common(
      {{"format", 'f', "FORMAT", "csv (if not given), json or parquet", Values::kWords, {"csv", "json", "parquet"}},
       {"output", 'o', "FILE", "write to this file instead of standard output", Values::kFiles},
       {"force", 0, "", "let -o take the place of a file that exists"},
       kPer,
       {"limit", 'n', "N", "at most N rows"}},
      true);
  command.examples = {
      {"mailtrail export --per recipient status:bounced -o bounced.csv /var/log/mail.log*", "addresses to look at"},
      {"mailtrail export '' --format json /var/log/mail.log", "every attempt"}};
  command.least = 1;
  command.most = kAnyNumber;
  command.takes_query = true;
  command.values = Values::kFiles;
  command.reads_logs = true;
  return command;
}

Command sql_command() {
  Command command;
  command.name = "sql";
  command.arguments = "STATEMENT";
  command.summary = "a SELECT on the facts in the store";
  command.description = {
      "The facts of the store are views: journey, message, delivery, recipient, rejection, login and others. .tables "
      "lists them, .columns VIEW tells the columns of one and what each means, .help says what SQL can do here; "
      "docs/sql.md has examples.",
      "STATEMENT is one SELECT (or WITH ... SELECT, DESCRIBE or SUMMARIZE of a view) in the SQL of DuckDB. It only "
      "reads: nothing else is taken, and neither files nor the settings of the database can be reached.",
      "Times are shown, and days meant, in the zone of this system unless --timezone names another."};
  command.options = {
      {"csv", 0, "", "print CSV, safe to open in a spreadsheet"},
      {"limit", 'n', "N", "at most N rows; 10000 if not given"},
      {"timeout", 0, "SECONDS", "give up after this time; 60 if not given"},
      {"memory", 0, "MB",
       "memory of the database, in megabytes: 100 or more, 512 if not given; while an ingest runs, its own"},
      {"timezone", 0, "ZONE", "the zone of times: Europe/Berlin, UTC, +02:00; else that of this system"},
      {"store", 0, "DIR",
       "the store; else $MAILTRAIL_STORE, /var/lib/mailtrail for root, ~/.local/share/mailtrail for "
       "others",
       Values::kFiles},
      kWait,
      kJson,
      kNoPager,
      kHelp};
  command.examples = {
      {"mailtrail sql .tables", "the views"},
      {"mailtrail sql 'SELECT outcome, count(*) FROM recipient GROUP BY ALL ORDER BY 2 DESC'", "recipients by outcome"},
      {"mailtrail sql --csv 'SELECT recipient, reply FROM recipient WHERE reason = $$mailbox_full$$' > full.csv",
       "full mailboxes, for a spreadsheet"}};
  command.least = command.most = 1;
  command.takes_query = true;
  command.reads_logs = true;
  return command;
}

Command explain_command() {
  Command command;
  command.name = "explain";
  command.arguments = "REPLY";
  command.summary = "what an SMTP reply or status code means, who must act, what to do";
  command.description = {
      "REPLY is a reply as it stands in a log or in a bounce, an SMTP code (550) or an enhanced status code (5.1.1). "
      "The last line says what the answer rests on and how sure it is."};
  command.options = with_common(
      {{"from", 0, "HOST", "the server that gave the reply; the same words mean different things elsewhere"}}, false);
  command.examples = {{"mailtrail explain '550 5.1.1 <bob@example.net>: User unknown'", "a reply"},
                      {"mailtrail explain 4.7.1", "a status code"}};
  command.least = 1;
  command.most = kAnyNumber;
  return command;
}

Command dialect_command() {
  Command command;
  command.name = "dialect";
  command.parses_lines = true;
  command.arguments = "test FILE... | list";
  command.summary = "checks a description of log lines of your own, lists the dialects there are";
  command.description = {
      "A text file can teach mailtrail the lines of a program that it does not know: patterns with the names of "
      "fields, or "
      "the names of fields of JSON or CSV, and samples with what they must give. docs/dialect.md tells how to write "
      "one.",
      "`test` checks files: it names the line of each mistake, and of a sample how far the patterns match it. `list` "
      "names "
      "the dialects: those that are built in, and those of the configuration.",
      "Descriptions stand in /etc/mailtrail/dialects and ~/.config/mailtrail/dialects as NAME.toml, or in the folder "
      "that "
      "$MAILTRAIL_DIALECTS names. They are read before logs are: one with a mistake is told and left out, and the exit "
      "status is 3. What is described goes before what is built in; a line that no description takes is the built-in "
      "dialect's."};
  command.options = with_common({}, false);
  command.examples = {{"mailtrail dialect test acme.toml", "is it right?"},
                      {"mailtrail dialect list", "which programs are known?"}};
  command.least = 1;
  command.most = kAnyNumber;
  command.values = Values::kFiles;
  return command;
}

Command demo_command() {
  Command command;
  command.name = "demo";
  command.summary = "mailtrail at work on a sample log that it brings along";
  command.description = {
      "Shows a report and the journeys of two mails from a short log of a real Postfix with a content filter. "
      "Reads nothing of this system and leaves nothing behind."};
  command.options = {kColor, kNoPager, kHelp};
  command.examples = {{"mailtrail demo", ""}};
  return command;
}

Command completion_command() {
  Command command;
  command.name = "completion";
  command.arguments = "SHELL";
  command.summary = "the completion script of a shell: bash, zsh or fish";
  command.description = {"Prints a script that lets the shell complete commands, options and their values."};
  command.options = {kHelp};
  command.examples = {{"mailtrail completion bash > /etc/bash_completion.d/mailtrail", "for all users"},
                      {"source <(mailtrail completion zsh)", "in ~/.zshrc"},
                      {"mailtrail completion fish > ~/.config/fish/completions/mailtrail.fish", ""}};
  command.least = command.most = 1;
  command.values = Values::kWords;
  command.words = {"bash", "zsh", "fish"};
  return command;
}

Command man_command() {
  Command command;
  command.name = "man";
  command.arguments = "[COMMAND]";
  command.summary = "the manual page of mailtrail or of one of its commands";
  command.description = {"Prints the page in the language of man(7), for man -l - or for installing it."};
  command.options = {kHelp};
  command.examples = {{"mailtrail man report | man -l -", "read it"},
                      {"mailtrail man > /usr/local/share/man/man1/mailtrail.1", "install it"}};
  command.most = 1;
  command.values = Values::kCommands;
  return command;
}

Command help_command() {
  Command command;
  command.name = "help";
  command.arguments = "[COMMAND]";
  command.summary = "how mailtrail or one of its commands is used";
  command.description = {"The same as mailtrail COMMAND --help."};
  command.options = {kHelp};
  command.most = 1;
  command.values = Values::kCommands;
  return command;
}

Command version_command() {
  Command command;
  command.name = "version";
  command.summary = "the version of mailtrail";
  command.options = {kJson, kHelp};
  return command;
}

}  // namespace

std::string_view program_summary() {
  return "what became of each mail, why, and who must act: from the logs of mail servers";
}

std::span<const std::string_view> program_description() {
  static constexpr std::string_view kParagraphs[] = {
      "mailtrail reads the logs of mail servers as they are: rotated, compressed (.gz .bz2 .xz .zst), from several "
      "hosts, "
      "in any order; it needs no set-up and leaves nothing behind. A LOG that is - is standard input.",
      "Results go to standard output, words for people to standard error. Control characters in log text are shown "
      "escaped."};
  return kParagraphs;
}

namespace {

Command ingest_command() {
  Command command;
  command.name = "ingest";
  command.parses_lines = true;
  command.arguments = "LOG...";
  command.summary = "take logs into the store, once; safe to repeat";
  command.description = {
      "Takes what is new in the logs into the store: the facts into its database, the lines into its archive. Then "
      "report, trace, search, events and export answer from it where they are given no LOG, without reading the logs "
      "again.",
      "LOG is a file, a directory (its files are taken) or - for standard input. A log is known again by what is in "
      "it: "
      "the same again adds nothing, a grown or rotated one adds what is new, under another name or compressed too. "
      "Give "
      "the whole rotated set: mail.log*.",
      "What is not over when the logs end, such as a mail in the queue, goes on with the next ingest. One that was "
      "stopped goes on where it stopped."};
  command.options = {
      kStore,
      {"timezone", 0, "ZONE",
       "the zone of log lines that state none: Europe/Berlin, UTC, +02:00; else the zone of this system"},
      {"memory", 0, "MB", "memory to work with, in megabytes: 300 or more, 1000 if not given"},
      kWait,
      kThreads,
      {"commit-bytes", 0, "N", "bytes of logs between two commits", Values::kNone, {}, true},
      kJson,
      kHelp};
  command.examples = {{"mailtrail ingest /var/log/mail.log*", "what is new since the last time"},
                      {"mailtrail ingest --store /srv/mail /logs/mx1 /logs/mx2", "the logs of two hosts"},
                      {"mailtrail report --since 7d", "then: the last week, from the store"}};
  command.least = 1;
  command.most = kAnyNumber;
  command.values = Values::kFiles;
  return command;
}

Command rebuild_command() {
  Command command;
  command.name = "rebuild";
  command.parses_lines = true;
  command.summary = "make the store's database anew from its archive";
  command.description = {
      "For a database that is damaged, lost or of no use. The lines are read again from the archive of the store, "
      "in the order in which they were taken in: search, trace and report answer as before, and the next ingest "
      "goes on where the last one ended. The logs themselves are not needed.",
      "The database that is there is kept under another name, which is said; nothing is deleted. It is in use until "
      "the new one is whole: a rebuild that is stopped or killed changes nothing, and the same command begins anew. "
      "It needs room for a second database.",
      "What is damaged in the archive is told with its file and place; the rest is used, and the exit status is 3."};
  command.options = {
      kStore,
      {"timezone", 0, "ZONE",
       "the zone of log lines that state none, where the archive does not tell which it was; else that of this system"},
      {"memory", 0, "MB", "memory to work with, in megabytes, as for ingest: 300 or more, 1000 if not given"},
      kWait,
      kThreads,
      kJson,
      kHelp};
  command.examples = {{"mailtrail rebuild", "the store of this user"},
                      {"mailtrail rebuild --store /srv/mail", "another one"}};
  return command;
}

}  // namespace

std::span<const Command> commands() {
  static const Command kCommands[] = {report_command(),  trace_command(),   search_command(), events_command(),
                                      export_command(),  sql_command(),     ingest_command(), rebuild_command(),
                                      explain_command(), dialect_command(), demo_command(),   completion_command(),
                                      man_command(),     help_command(),    version_command()};
  return kCommands;
}

std::span<const ExitStatus> exit_statuses() {
  static constexpr ExitStatus kStatuses[] = {
      {0, "done"},
      {1, "nothing found"},
      {2, "wrong use"},
      {3, "some input could not be read, or the output not written; the rest is still done"}};
  return kStatuses;
}

}  // namespace mailtrail::cli
