"""One Postfix of our own: configuration, queue, log and ports in a folder, apart from the machine's."""
import os
import pathlib
import subprocess
import time

COMMON_MAIN = """\
compatibility_level = 3.6
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = {name}.example.test
inet_protocols = ipv4
mynetworks = {trusted}
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
smtp_host_lookup = native
lmtp_host_lookup = native
local_recipient_maps = $alias_maps
alias_database =
alias_maps = texthash:{folder}/aliases
virtual_alias_maps = texthash:{folder}/virtual
virtual_mailbox_maps = texthash:{folder}/mailboxes
virtual_mailbox_base = {folder}/mail
virtual_uid_maps = static:{owner}
virtual_gid_maps = static:{owner}
virtual_minimum_uid = 1
transport_maps = texthash:{folder}/transport
allow_mail_to_commands = alias
allow_mail_to_files = alias
enable_long_queue_ids = {long_ids}
queue_run_delay = 1s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
maximal_queue_lifetime = 10s
bounce_queue_lifetime = 10s
transport_retry_time = 1s
smtp_connect_timeout = 3s
smtp_destination_concurrency_failed_cohort_limit = 20
default_destination_concurrency_failed_cohort_limit = 20
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
smtputf8_enable = no
"""

SERVICES = """\
pickup    unix  n - n 1 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
local     unix  - n n - - local
virtual   unix  - n n - - virtual
lmtp      unix  - - n - - lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


class PostfixSystem:
    """`name` is the host that its log lines bear (where host names are our own); `main` and `services` are added to
    what every system has; `tables` are lookup tables by file name."""

    def __init__(self, name, folder, long_ids, trusted, main, services, tables):
        self.name, self.folder = name, pathlib.Path(folder)
        self.log = self.folder / "mail.log"
        for part in ("queue", "data", "mail"):
            (self.folder / part).mkdir(parents=True)
        self.folder.chmod(0o755)
        self._chown("data", "postfix")
        owner = 65534
        os.chown(self.folder / "mail", owner, owner)
        text = COMMON_MAIN.format(folder=self.folder, name=name, trusted=trusted, owner=owner,
                                  long_ids="yes" if long_ids else "no")
        (self.folder / "main.cf").write_text(text + main, encoding="utf-8")
        (self.folder / "master.cf").write_text(services + SERVICES, encoding="utf-8")
        for table, lines in tables.items():
            (self.folder / table).write_text(lines, encoding="utf-8")
        for table in ("aliases", "virtual", "mailboxes", "transport"):
            (self.folder / table).touch()

    def _chown(self, part, user):
        subprocess.run(["chown", user, self.folder / part], check=True)

    def command(self, program, *arguments):
        done = subprocess.run([program, "-c", self.folder, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{program} {' '.join(arguments)} on {self.name}: {done.stdout}{done.stderr}")

    def start(self, enclosed):
        if enclosed:
            # A host name of its own, which the log lines bear.
            script = f'hostname "{self.name}" && exec postfix -c "{self.folder}" start'
            done = subprocess.run(["unshare", "--uts", "sh", "-c", script], stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise RuntimeError(f"postfix start on {self.name}: {done.stdout}{done.stderr}")
        else:
            self.command("postfix", "start")

    def stop(self):
        subprocess.run(["postfix", "-c", self.folder, "stop"], stdin=subprocess.DEVNULL, capture_output=True,
                       check=False)

    def queue_holds(self, queue_id, *queues):
        return any(next((self.folder / "queue" / queue).rglob(queue_id), None) for queue in queues)

    def await_queue(self, queue_id, *queues):
        """Until the message stands in one of the queues; 10 s at most."""
        for _ in range(100):
            if self.queue_holds(queue_id, *queues):
                return
            time.sleep(0.1)
        raise RuntimeError(f"{queue_id} did not come into {queues} of {self.name}")
