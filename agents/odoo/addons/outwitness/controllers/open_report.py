import logging
from urllib.parse import urlsplit

from markupsafe import escape
from odoo import http
from odoo.http import request

from ..glue import collector

_logger = logging.getLogger(__name__)

#: Page → its place in the report, its name, who may open it.
PAGES = {
    'report': ('/', 'Trust Report', 'outwitness.group_audit'),
    'log': ('/log', 'Audit Log', 'outwitness.group_audit'),
    'traffic': ('/traffic', 'Traffic Summary', 'outwitness.group_audit'),
    'components': ('/components', 'Egress Components', 'outwitness.group_audit'),
    'settings': ('/settings', 'Settings', 'base.group_system'),
}
_HEADERS = [('Cache-Control', 'no-store'), ('Referrer-Policy', 'no-referrer'), ('X-Frame-Options', 'DENY')]


class OpenReport(http.Controller):
    """Sends a browser to the report, signed in by a token that is good once. The token stands in the fragment: no browser sends that, and no log of Odoo's has it."""

    @http.route('/outwitness/open/<string:page>', type='http', auth='user', methods=['GET', 'POST'])
    def open(self, page, **_given):
        if page not in PAGES:
            return _page('There is no such page', 'The report has no page %s.' % page, 'Open one from the menu Network Audit.', 404)
        path, name, group = PAGES[page]
        user = request.env.user
        if not user.has_group(group):
            return _page(name, 'You may not open this.', 'An administrator puts you into the group for it: %s.' % _group_name(group), 403)
        if request.httprequest.method == 'GET' and not _from_our_own_pages():
            return _button(name)
        try:
            made = collector.link(_role(user, page), collector.user_named(user.login, user.id))
        except collector.NotAnswered as error:
            _logger.warning('%s could not be opened for user %d: %s', name, user.id, error.fact)
            return _page(name, error.fact, error.advice, 503)
        headers = [('Location', '%s%s#token=%s' % (made['url'], path, made['token']))]
        return request.make_response('', headers + _HEADERS, status=303)


def _role(user, page):
    """What is asked for; the collector gives that or less."""
    if user.has_group('outwitness.group_officer'):
        return 'officer'
    return 'operator' if page == 'settings' else 'viewer'


def _group_name(group):
    return 'Network Audit / Audit' if group == 'outwitness.group_audit' else 'Administration / Settings'


def _from_our_own_pages():
    """Whether the click was made in Odoo itself. Another site's page can make a browser come here, but not say this."""
    headers = request.httprequest.headers
    site = headers.get('Sec-Fetch-Site')
    if site is not None:
        return site == 'same-origin'
    # Over plain HTTP browsers leave that header out.
    return urlsplit(headers.get('Referer', '')).netloc == request.httprequest.host


def _button(name):
    token = escape(request.csrf_token())
    form = (
        '<form method="post"><input type="hidden" name="csrf_token" value="%s"/>'
        '<button type="submit">Open the %s</button></form>' % (token, escape(name))
    )
    return _page(name, 'You came here from outside of Odoo.', 'Opening signs you in to the report, which is a row of the record.', 200, form)


def _page(title, fact, advice, status, more=''):
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width"/>'
        '<title>%s · Outwitness</title><style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:4rem auto;padding:0 1rem}'
        'button{font:inherit;padding:.4rem 1rem}</style></head><body><h1>%s</h1><p>%s</p><p>%s</p>%s</body></html>'
    ) % (escape(title), escape(title), escape(fact), escape(advice), more)
    return request.make_response(html, [('Content-Type', 'text/html; charset=utf-8'), *_HEADERS], status=status)
