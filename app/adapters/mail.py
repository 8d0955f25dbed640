"""Mailers behind app.core.ports.Mailer: SMTP, the local outbox of development, and none."""

import smtplib
import ssl
from email.errors import HeaderParseError
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from urllib.parse import unquote, urlsplit

from app.core.config import Settings
from app.core.ports import Letter, Mailer, MailNotSent

TIMEOUT_S = 20.0
PERMANENT = 500


class SmtpMailer:
    """One connection per letter. smtp:// upgrades with STARTTLS and sends no password without it; smtps:// begins with TLS."""

    kind = "smtp"
    proves_addresses = True

    def __init__(self, url: str, *, sender: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "localhost", parts.port or (465 if parts.scheme == "smtps" else 587)
        self._is_tls = parts.scheme == "smtps"
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = sender

    def send(self, letter: Letter) -> None:
        """Hand it over, or raise MailNotSent; the server's own words are not repeated, they may quote the letter."""
        try:
            message = self._compose(letter)
            with self._connect() as server:
                if self._user:
                    server.login(self._user, self._password)
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise MailNotSent("The mail server refused the address.", is_final=all(code >= PERMANENT for code in codes)) from error
        except smtplib.SMTPResponseException as error:
            is_final = error.smtp_code >= PERMANENT and not isinstance(error, smtplib.SMTPAuthenticationError)
            raise MailNotSent(f"The mail server answered {error.smtp_code}.", is_final=is_final) from error
        except (HeaderParseError, ValueError) as error:
            raise MailNotSent("The letter has a header that cannot be sent.", is_final=True) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailNotSent(f"The mail server does not answer ({type(error).__name__}).") from error

    def _compose(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, letter.to, letter.subject
        message["Date"] = formatdate(localtime=False)
        domain = parseaddr(self._sender)[1].rpartition("@")[2] or "localhost"
        message["Message-ID"] = f"<{letter.id}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        if letter.stop_url:
            message["List-Unsubscribe"], message["List-Unsubscribe-Post"] = f"<{letter.stop_url}>", "List-Unsubscribe=One-Click"
        message.set_content(letter.text)
        return message

    def _connect(self) -> smtplib.SMTP:
        if self._is_tls:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_S, context=ssl.create_default_context())
        server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        elif self._user:
            server.close()
            raise MailNotSent("The mail server offers no TLS, so no password is sent to it.")
        return server


class LocalOutbox:
    """Letters stay where they are queued; the outbox page of development shows them."""

    kind = "outbox"
    proves_addresses = False

    def send(self, letter: Letter) -> None:
        """Nothing to do."""


class NoMailer:
    """An installation that sends no e-mail."""

    kind = "none"
    proves_addresses = False

    def send(self, letter: Letter) -> None:
        """Refuse."""
        raise MailNotSent("This installation sends no e-mail: AF_SMTP_URL is not set.", is_final=True)


def make_mailer(settings: Settings) -> Mailer:
    """The one the settings ask for."""
    if settings.smtp_url:
        return SmtpMailer(settings.smtp_url, sender=settings.mail_from)
    return LocalOutbox() if settings.has_outbox else NoMailer()
