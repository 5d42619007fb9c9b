"""Every remedy, registered by importing its module; add a new subject here."""

from diag.core.remedies import access_token_version as access_token_version
from diag.core.remedies import admin_consent as admin_consent
from diag.core.remedies import assignments as assignments
from diag.core.remedies import by_hand as by_hand
from diag.core.remedies import certificates as certificates
from diag.core.remedies import client_code as client_code
from diag.core.remedies import client_secrets as client_secrets
from diag.core.remedies import credential_removal as credential_removal
from diag.core.remedies import exposed_api as exposed_api
from diag.core.remedies import federated_credentials as federated_credentials
from diag.core.remedies import implicit_grant as implicit_grant
from diag.core.remedies import instance_lock as instance_lock
from diag.core.remedies import ownership as ownership
from diag.core.remedies import permission_removal as permission_removal
from diag.core.remedies import public_client_flows as public_client_flows
from diag.core.remedies import redirect_removal as redirect_removal
from diag.core.remedies import redirect_uris as redirect_uris
from diag.core.remedies import required_permissions as required_permissions
from diag.core.remedies import restoring as restoring
from diag.core.remedies import saml_reply_urls as saml_reply_urls
from diag.core.remedies import service_principals as service_principals
from diag.core.remedies import sign_in_audience as sign_in_audience
