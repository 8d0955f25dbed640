"""Writes letters about new versions and sends queued e-mails, inside each worker process: a look at SQL about once a second."""

import logging

from app.core.ports import Letter, MailNotSent
from app.jobs.looking import RepeatedLook
from app.services.mail import claim_mail, has_due_mail, note_not_sent, note_sent
from app.services.market.releases import has_release, tell_release
from app.wiring import Wiring

log = logging.getLogger(__name__)


class MailPost(RepeatedLook):
    """Bound to one event loop."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(self.look)
        self._wiring = wiring

    def look(self) -> int:
        """One pass; returns how many letters went out. No transaction is open while the mail server is spoken to."""
        now = self._wiring.ports.clock.now()
        with self._wiring.database.connect().execution_options(af_write=False) as connection, connection.begin():
            has_letters, has_news = has_due_mail(connection, now), has_release(connection)
        written = self._wiring.call(tell_release, None) if has_news else 0
        if not (has_letters or written):
            return 0
        with self._wiring.unit() as uow:
            letters = claim_mail(uow)
        return sum(self._send(letter) for letter in letters)

    def _send(self, letter: Letter) -> bool:
        try:
            self._wiring.ports.mailer.send(letter)
        except MailNotSent as error:
            log.warning("letter %s was not sent: %s", letter.id, error)
            self._wiring.call(note_not_sent, None, mail_id=letter.id, error=str(error), is_final=error.is_final)
            return False
        self._wiring.call(note_sent, None, mail_id=letter.id)
        return True
