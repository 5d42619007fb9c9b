"""Packing of records: each is small and like the others, so it is compressed against what they have in common.

A record of 4.5 KB comes to some 0.5 KB, against 1.5 KB without. What was packed without the common text, by an earlier
version, is read too: the packed form says which it is (RFC 1950, FDICT).
"""

import zlib

_COMMON = (
    b'{"id":"","createdDateTime":"","userDisplayName":"","userPrincipalName":"","userId":"","appId":"","ap'
    b'pDisplayName":"","ipAddress":"","clientAppUsed":"Browser","userAgent":"","correlationId":"","conditi'
    b'onalAccessStatus":"notApplied","isInteractive":false,"riskDetail":"none","riskLevelAggregated":"none'
    b'","riskLevelDuringSignIn":"none","riskState":"none","riskEventTypes_v2":[],"resourceDisplayName":"Mi'
    b'crosoft Graph","resourceId":"00000003-0000-0000-c000-000000000000","resourceTenantId":"","homeTenant'
    b'Id":"","servicePrincipalId":"","servicePrincipalName":"","status":{"errorCode":0,"failureReason":"",'
    b'"additionalDetails":null},"deviceDetail":{"deviceId":"","displayName":"","operatingSystem":"Windows1'
    b'0","browser":"Chrome ","isCompliant":false,"isManaged":false,"trustType":""},"location":{"city":"","'
    b'state":"","countryOrRegion":"","geoCoordinates":{"altitude":null,"latitude":null,"longitude":null}},'
    b'"appliedConditionalAccessPolicies":[{"id":"","displayName":"","enforcedGrantControls":["block"],"enf'
    b'orcedSessionControls":[],"result":"notApplied","conditionsSatisfied":"application","conditionsNotSat'
    b'isfied":"servicePrincipals","sessionControlsNotSatisfied":[],"includeRulesSatisfied":[{"conditionalA'
    b'ccessCondition":"application","ruleSatisfied":"allApps"}],"excludeRulesSatisfied":[]}],"originalRequ'
    b'estId":"","tokenIssuerName":"","tokenIssuerType":"AzureAD","processingTimeInMilliseconds":0,"appOwne'
    b'rTenantId":"","resourceOwnerTenantId":"","resourceServicePrincipalId":"","homeTenantName":"","authen'
    b'ticationMethodsUsed":[],"authenticationRequirement":"singleFactorAuthentication","authenticationRequ'
    b'irementPolicies":[],"signInIdentifier":"","signInIdentifierType":null,"signInEventTypes":["servicePr'
    b'incipal"],"federatedCredentialId":"","userType":"member","flaggedForReview":false,"isTenantRestricte'
    b'd":false,"autonomousSystemNumber":0,"crossTenantAccessType":"none","servicePrincipalCredentialKeyId"'
    b':"","servicePrincipalCredentialThumbprint":"","uniqueTokenIdentifier":"","authenticationProtocol":"n'
    b'one","incomingTokenType":"none","clientCredentialType":"clientSecret","originalTransferMethod":"none'
    b'","ipAddressFromResourceProvider":null,"azureResourceId":null,"sessionId":null,"mfaDetail":null,"net'
    b'workLocationDetails":[],"authenticationDetails":[{"authenticationStepDateTime":"","authenticationMet'
    b'hod":"Password","authenticationMethodDetail":"Password in the cloud","succeeded":true,"authenticatio'
    b'nStepResultDetail":"","authenticationStepRequirement":"Primary authentication"}],"authenticationProc'
    b'essingDetails":[{"key":"Legacy TLS (TLS 1.0, 1.1, 3DES)","value":"False"},{"key":"Is CAE Token","val'
    b'ue":"False"}],"sessionLifetimePolicies":[],"conditionalAccessAudiences":[],"privateLinkDetails":{"po'
    b'licyId":"","policyName":"","resourceId":"","policyTenantId":""},"appliedEventListeners":[]}'
)
"""A record with little in it. Never to be changed: what is stored can only be read with it."""


def packed(record: bytes) -> bytes:
    """The record as it is stored."""
    compressor = zlib.compressobj(level=1, zdict=_COMMON)
    return compressor.compress(record) + compressor.flush()


def unpacked(stored: bytes) -> bytes:
    """The record as it was."""
    decompressor = zlib.decompressobj(zlib.MAX_WBITS, _COMMON)
    return decompressor.decompress(stored) + decompressor.flush()
