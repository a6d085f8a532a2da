"""What the add-on asks of the collector, over loopback, when a person clicks (docs/reference/access.md, "Issuers"). No odoo import."""

import http.client
import ipaddress
import json
import os
import ssl
import time
from urllib.parse import urlsplit

ISSUER = 'odoo'
_GRANT = 'outwitness admin issuer odoo --role operator --data '
#: Older than this, `alive` tells of a collector that is gone.
_FRESH_S = 5
_TIMEOUT_S = 8
_MOST_BYTES = 65536


class NotAnswered(Exception):
    """What was asked for was not done. `fact` and `advice` are for people; neither holds a secret."""

    def __init__(self, fact, advice):
        super().__init__(fact + ' ' + advice)
        self.fact, self.advice = fact, advice


def link(role, user):
    """A token that signs a browser in once: `token`, `role` (the one asked for or a lower one), `user`, and `url`, where the report is."""
    place = _place()
    answer = _ask(place, 'POST', '/issuer/link', {'role': role, 'user': user})
    return dict(answer, url=place['url'])


def settings():
    """`mayChange`, and `settings`: name, value, origin and fixed of each that is shown here."""
    return _ask(_place(), 'GET', '/issuer/settings', None)


def change(user, changes):
    """The collector writes a row and then its own file; nothing is written here."""
    return _ask(_place(), 'PATCH', '/issuer/settings', {'user': user, 'changes': changes})


def user_named(login, number):
    """Under which name the record knows a user: the login, or the number where a login has letters that no name there has."""
    allowed = set('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-')
    if 0 < len(login) <= 47 and allowed.issuperset(login) and login[0] not in '._@-':
        return login
    return '#%d' % number


def _folder():
    return os.path.abspath(os.environ.get('OUTWITNESS_DATA') or '.outwitness')


def _place():
    """Where the report is shown, as the collector says that lives right now."""
    folder = _folder()
    start = 'Start the server with "outwitness run", or a collector with "outwitness collect", without --no-serve, and OUTWITNESS_DATA set to its directory.'
    try:
        fresh = time.time() - os.stat(os.path.join(folder, 'alive')).st_mtime < _FRESH_S
    except OSError:
        fresh = False
    if not fresh:
        raise NotAnswered('No collector is running for %s.' % folder, start)
    try:
        with open(os.path.join(folder, 'served.json'), encoding='utf-8') as file:
            place = json.load(file)
        url, local = str(place['url']), str(place['local'])
    except (OSError, ValueError, KeyError, TypeError):
        raise NotAnswered('The collector of %s shows no report.' % folder, start) from None
    if not _is_loopback(urlsplit(local).hostname):
        raise NotAnswered(
            'The report does not listen on this machine alone, and the secret is sent nowhere else.',
            'Start it without --listen; people on other machines reach it with --behind-proxy.',
        )
    return {'url': url.rstrip('/'), 'local': local}


def _is_loopback(host):
    if host == 'localhost':
        return True
    try:
        return ipaddress.ip_address(host or '').is_loopback
    except ValueError:
        return False


def _secret():
    path = os.path.join(_folder(), 'issuer-%s.key' % ISSUER)
    try:
        with open(path, encoding='ascii') as file:
            return file.read(256).strip()
    except FileNotFoundError:
        raise NotAnswered(
            'Nobody allowed this server to sign its users in.',
            'Whoever keeps the record allows it with: ' + _GRANT + _folder(),
        ) from None
    except (OSError, ValueError) as error:
        raise NotAnswered(
            'The file %s cannot be read (%s).' % (path, type(error).__name__),
            'It must belong to the group of the user that runs this server.',
        ) from None


def _ask(place, method, path, body):
    headers = {'Authorization': 'Bearer ' + _secret(), 'Content-Type': 'application/json', 'Accept': 'application/json'}
    try:
        status, answer = _exchange(place['local'], method, path, body, headers)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotAnswered(
            'The collector at %s did not answer (%s).' % (place['local'], type(error).__name__),
            'Look at it with: outwitness status --data ' + _folder(),
        ) from None
    if status < 400:
        return answer
    error = answer.get('error') if isinstance(answer.get('error'), dict) else {}
    advice = 'The collector answered with status %d.' % status
    if error.get('code') == 'issuer-refused':
        advice = 'The secret may have been withdrawn or replaced. Make a new one with: ' + _GRANT + _folder()
    elif error.get('code') == 'not-recorded':
        advice = 'Without its row in the record it does not happen. Look with: outwitness status --data ' + _folder()
    raise NotAnswered(str(error.get('message') or 'The collector refused.')[:1000], advice)


def _exchange(local, method, path, body, headers):
    parts = urlsplit(local)
    if parts.scheme == 'https':
        # It is this machine: the certificate is made out to the name that people type.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=_TIMEOUT_S, context=context)
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=_TIMEOUT_S)
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        answer = json.loads(response.read(_MOST_BYTES))
        return response.status, answer if isinstance(answer, dict) else {}
    finally:
        connection.close()
