from . import vendor_licence
