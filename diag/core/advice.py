"""How a person can supply a fact that was not read: the words after "to be sure" in an answer."""

_GRANT = "or grant this service {permission} and ask again"
_SHOW_APP = "Paste `az ad app show --id <application-id>` as registration.application, " + _GRANT.format(
    permission="Application.Read.All"
)
_SHOW_SP = "Paste `az ad sp show --id <application-id>` as registration.service_principal, " + _GRANT.format(
    permission="Application.Read.All"
)
_RECORD = "Paste the failed sign-in's record from the sign-in log as sign_in, or let this service collect it"

ADVICE: dict[str, str] = {
    "failure.wordings": "Paste the whole error message in English, as Entra ID printed it",
    "failure": "Paste the whole error, with every line from AADSTS to Timestamp",
    "failure.redirect_uri": "Paste the whole error page, or read redirect_uri from the failing /authorize request",
    "failure.app_id": "Paste the whole error, or give the client ID the application is configured with",
    "failure.tenant": "Paste the whole error: it names the tenant",
    "failure.authority_tenant": "Say which tenant the authority names: the first path segment after the login host",
    "failure.flow": "Say which flow the client uses, for example authorization_code or client_credentials",
    "failure.endpoint": "Say where the failed request went: to the authorize endpoint or to the token endpoint",
    "failure.scope": "Give the scope parameter of the request",
    "failure.resource": "Paste the whole error, or give the resource or scope the client asks for",
    "failure.prompt": "Give the prompt parameter of the request",
    "failure.response_type": "Give the response_type parameter of the request",
    "failure.has_client_secret": "Say whether the request carries a client_secret",
    "failure.has_client_assertion": "Say whether the request carries a client_assertion",
    "failure.has_code_verifier": "Say whether the token request carries a code_verifier",
    "failure.has_origin_header": "Say whether the token request carries an Origin header",
    "failure.behind_proxy": "Say whether a proxy or load balancer ends TLS in front of the application",
    "failure.user_agent_kind": "Say what sends the request: browser, embedded_webview, cli, server or mobile",
    "failure.secret_shape": "Run `diag explain --secret-from-stdin` where the secret is kept; only its shape is read",
    "failure.assertion_issuer": "Paste the whole error, or read iss from the token the workload presents",
    "failure.assertion_subject": "Paste the whole error, or read sub from the token the workload presents",
    "failure.assertion_audience": "Paste the whole error, or read aud from the token the workload presents",
    "failure.assertion_thumbprint": "Paste the whole error: it prints the thumbprint of the key the client used",
    "failure.credential_key_id": _RECORD + ": it may name the credential's key ID",
    "failure.applied_policies": _RECORD + "; reading the policies in it needs Policy.Read.All",
    "failure.is_interactive": _RECORD,
    "failure.event_type": _RECORD,
    "failure.browser": _RECORD + ": it names the browser",
    "failure.operating_system": "Paste the whole error page or the sign-in's record: both name the device platform",
    "failure.device_id": _RECORD + ": its device information names the device, or stays empty",
    "failure.client_app_used": _RECORD + ": it names the kind of client",
    "failure.incoming_token_type": _RECORD + ": it says which kind of token was presented",
    "failure.risk_level": _RECORD + ": it shows risk where the tenant is licensed for it",
    "failure.succeeded_afterwards": "Look in the sign-in log for a success with the same correlation ID",
    "failure.permission": "Paste the whole error: it names the permission, or give the scope parameter of the request",
    "failure.home_tenant_id": _RECORD,
    "failure.resource_tenant_id": _RECORD,
    "failure.protocol": _RECORD,
    "failure.observed_at": "Paste the error's Timestamp line",
    "failure.failures_since": "Let this service collect the sign-ins: it knows when the failures began",
    "failure.expected_audience": "Give the audience the API accepts as request.expected_audience, from its "
    "configuration or the error",
    "failure.expected_issuer": "Give the issuer the API accepts as request.expected_issuer, from its "
    "configuration or the error",
    "failure.assertion_expires_at": "Paste the whole error, or read exp from the assertion that was sent",
    "failure.assertion_not_before": "Paste the whole error, or read nbf from the assertion that was sent",
    "token.header_nonce": "Say whether the token's header holds nonce (`diag token` shows it), as token.header",
    "application.owners": "Read the application's owners with `$select=id,displayName,userPrincipalName,"
    "mail,accountEnabled,userType` and give them as registration.application.owners, "
    + _GRANT.format(permission="Application.Read.All"),
    "credential_uses": "Let this service count successful sign-ins by credential, or paste "
    "reports/appCredentialSignInActivities as registration.app_credential_sign_in_activities",
    "hosts": "Look the hosts up in the DNS, or let this service do so (`resolve_hosts: true` in DIAG_CONFIG), and "
    "give the answers as registration.hosts",
    "application": _SHOW_APP,
    "application.federated_credentials": "Paste `az ad app federated-credential list --id <application-id>` as "
    "registration.federated_identity_credentials, " + _GRANT.format(permission="Application.Read.All"),
    "service_principal": _SHOW_SP,
    "deleted_application": "Look under Deleted applications in the portal, "
    + _GRANT.format(permission="Application.Read.All"),
    "resource": "Paste `az ad sp show --id <api-application-id>` as registration.resource_service_principal, "
    + _GRANT.format(permission="Application.Read.All"),
    "grants": "Paste the client's oauth2PermissionGrants as registration.oauth2_permission_grants, "
    + _GRANT.format(permission="Directory.Read.All"),
    "app_role_assignments": "Paste the service principal's appRoleAssignments as registration.app_role_assignments, "
    + _GRANT.format(permission="Application.Read.All"),
    "assigned_principals": "Paste the service principal's appRoleAssignedTo as registration.app_role_assigned_to, "
    + _GRANT.format(permission="Application.Read.All"),
    "access_policies": "Paste the Conditional Access policies as registration.conditional_access_policies, "
    + _GRANT.format(permission="Policy.Read.All"),
    "changes": "Look in the audit log for changes of this application before the failure, "
    + _GRANT.format(permission="AuditLog.Read.All"),
    "neighbours": "Let this service read the tenant's applications (Application.Read.All) to compare the value with",
    "user.identities": "Read the user with `$select=id,userType,externalUserState,identities` and give it as "
    "registration.user; Graph leaves identities out by default",
    "user.external_state": "Read the user, in the tenant that was asked, with `$select=id,userType,externalUserState` "
    "and give it as registration.user",
    "user.immutable_id": "Read the user with `$select=id,onPremisesImmutableId` and give it as registration.user; "
    "Graph leaves the property out by default",
    "user": "Look the user up in the directory and give the object as registration.user",
    "domain": "Look the domain up in the directory and give the object as registration.domain",
    "device": "Look the device up in the directory and give the object as registration.device",
    "token": "Run `diag token` on the token where it is, and give its claims as token",
    "sign_in_activity": "Give the application's line of Graph's reports/servicePrincipalSignInActivities (beta) as "
    "registration.sign_in_activity: it names the last sign-in for users and the last one of the application itself",
    "home_tenant_id": "Say which tenant owns the application",
}
"""Advice by fact path; the longest known prefix of a path applies."""


def how_to_learn(fact: str) -> str:
    """One sentence on how to supply the fact at this path."""
    path = fact
    while path:
        if path in ADVICE:
            return ADVICE[path]
        path = path.rpartition(".")[0]
    return "Give this fact with the request"
