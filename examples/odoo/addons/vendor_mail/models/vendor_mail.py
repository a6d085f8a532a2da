import os
import smtplib

from odoo import api, models


class VendorMail(models.AbstractModel):
    _name = 'vendor.mail'
    _description = 'Mail by the relay of the vendor'

    @api.model
    def send(self):
        relay = smtplib.SMTP('mail.vendor.test', int(os.environ['VENDOR_MAIL_PORT']), local_hostname='shop.test')
        relay.sendmail('shop@shop.test', ['customer@example.test'], 'Subject: order\r\n\r\nThank you.\r\n')
        relay.quit()
        return True
