from . import vendor_mail
