"""Conditional Access policies: as the directory holds them, and as a sign-in record lists them."""

from collections.abc import Mapping

from diag.adapters.graph.wire.common import (
    Node,
    essential,
    first_text,
    mapping,
    optional_instant,
    optional_mapping,
    optional_texts,
    wholly,
)
from diag.core.directory import AccessPolicy
from diag.core.read import Read
from diag.core.sign_in import AppliedPolicy


def access_policies(node: Node, name: str) -> Read[tuple[AccessPolicy, ...]]:
    """Incomplete when a policy came without its conditions or controls: what is empty then proves nothing."""
    return wholly(node.items(name, lambda item: (access_policy(item), _whole(item))))


def access_policy(element: object) -> AccessPolicy:
    """Source: https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy (checked 2026-11-22)."""
    given = mapping(element)
    conditions = optional_mapping(given, "conditions")
    grant = optional_mapping(given, "grantControls")
    applications = optional_mapping(conditions, "applications")
    clients = optional_mapping(conditions, "clientApplications")
    platforms = optional_mapping(conditions, "platforms")
    locations = optional_mapping(conditions, "locations")
    strength = optional_mapping(grant, "authenticationStrength")
    return AccessPolicy(
        id=essential(given, "id"),
        display_name=first_text(given, "displayName"),
        state=first_text(given, "state"),
        controls=(
            *optional_texts(grant, "builtInControls"),
            *optional_texts(grant, "customAuthenticationFactors"),
            *(("authenticationStrength",) if strength else ()),
            *(("termsOfUse",) if optional_texts(grant, "termsOfUse") else ()),
        ),
        session_controls=_session_controls(optional_mapping(given, "sessionControls")),
        include_applications=optional_texts(applications, "includeApplications"),
        exclude_applications=optional_texts(applications, "excludeApplications"),
        include_service_principals=optional_texts(clients, "includeServicePrincipals"),
        include_platforms=optional_texts(platforms, "includePlatforms"),
        exclude_platforms=optional_texts(platforms, "excludePlatforms"),
        include_locations=optional_texts(locations, "includeLocations"),
        exclude_locations=optional_texts(locations, "excludeLocations"),
        client_app_types=optional_texts(conditions, "clientAppTypes"),
        transfer_methods=_flags(optional_mapping(conditions, "authenticationFlows"), "transferMethods"),
        user_risk_levels=optional_texts(conditions, "userRiskLevels"),
        sign_in_risk_levels=optional_texts(conditions, "signInRiskLevels"),
        service_principal_risk_levels=optional_texts(conditions, "servicePrincipalRiskLevels"),
        has_device_filter=bool(optional_mapping(optional_mapping(conditions, "devices"), "deviceFilter")),
        created_at=optional_instant(given, "createdDateTime"),
        modified_at=optional_instant(given, "modifiedDateTime"),
    )


def applied_policy(element: object) -> AppliedPolicy:
    """Source: https://learn.microsoft.com/graph/api/resources/appliedconditionalaccesspolicy (checked 2026-11-22)."""
    given = mapping(element)
    return AppliedPolicy(
        id=first_text(given, "id"),
        display_name=first_text(given, "displayName"),
        result=essential(given, "result"),
        controls=optional_texts(given, "enforcedGrantControls"),
        session_controls=optional_texts(given, "enforcedSessionControls"),
        conditions_satisfied=_flags(given, "conditionsSatisfied"),
    )


def _whole(element: object) -> bool:
    return isinstance(element, Mapping) and "conditions" in element and "grantControls" in element


def _session_controls(given: Mapping[str, object]) -> tuple[str, ...]:
    """Names of the session controls that are set and not switched off."""
    return tuple(
        name
        for name, control in given.items()
        if control is True or (isinstance(control, Mapping) and control.get("isEnabled") is not False)
    )


def _flags(given: Mapping[str, object], name: str) -> tuple[str, ...]:
    """A flags enumeration, which travels as one comma-separated text; ``none`` is no flag."""
    given_flags = first_text(given, name).split(",")
    return tuple(flag.strip() for flag in given_flags if flag.strip() not in ("", "none"))
