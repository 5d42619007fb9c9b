"""Application permissions that reach further than most programs need, by the id that is the same in every tenant.

Ids and names: Microsoft Graph, Exchange Online and SharePoint Online as their service principals list them (checked
2026-11-22). What each one lets a program do is said in our own words.
"""

from typing import Literal

from msgspec import Struct

Reach = Literal["control", "data"]
"""``control``: its holder can make itself, or anyone, an administrator. ``data``: it reads or changes what everybody in
the organisation keeps."""


class PowerfulPermission(Struct, frozen=True):
    id: str
    name: str
    reach: Reach
    why: str
    """What the holder can do, as the end of a sentence that begins with "it can"."""


def _of(reach: Reach, listed: dict[str, tuple[str, str]]) -> tuple[PowerfulPermission, ...]:
    return tuple(PowerfulPermission(role_id, name, reach, why) for role_id, (name, why) in listed.items())


POWERFUL = (
    *_of(
        "control",
        {
            "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8": (
                "RoleManagement.ReadWrite.Directory",
                "give any account, itself included, every directory role",
            ),
            "dd199f4a-f148-40a4-a2ec-f0069cc799ec": (
                "RoleAssignmentSchedule.ReadWrite.Directory",
                "activate directory roles for any account",
            ),
            "fee28b28-e1f3-4841-818e-2704dc62245f": (
                "RoleEligibilitySchedule.ReadWrite.Directory",
                "make any account eligible for directory roles",
            ),
            "31e08e0a-d3f7-4ca2-ac39-7343fb83e8ad": (
                "RoleManagementPolicy.ReadWrite.Directory",
                "loosen the rules under which directory roles are activated",
            ),
            "854d9ab1-6657-4ec8-be45-823027bcd009": (
                "PrivilegedAccess.ReadWrite.AzureAD",
                "manage who may activate directory roles",
            ),
            "2f6817f8-7b12-4f0f-bc18-eeaf60705a9e": (
                "PrivilegedAccess.ReadWrite.AzureADGroup",
                "manage who may activate memberships of privileged groups",
            ),
            "41202f2c-f7ab-45be-b001-85c9728b9d69": (
                "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
                "put any account into privileged groups",
            ),
            "618b6020-bca8-4de6-99f6-ef445fa4d857": (
                "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
                "make any account eligible for privileged groups",
            ),
            "06b708a9-e830-4db3-a914-8e69da51d44f": (
                "AppRoleAssignment.ReadWrite.All",
                "grant itself every other application permission without anybody's consent",
            ),
            "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9": (
                "Application.ReadWrite.All",
                "add credentials to every application and then act as the most powerful one",
            ),
            "19dbc75e-c2e2-444c-a770-ec69d8559fc7": (
                "Directory.ReadWrite.All",
                "change users, groups and most other objects of the directory",
            ),
            "62a82d76-70ea-41e2-9197-370581804d09": (
                "Group.ReadWrite.All",
                "put any account into groups that open other systems",
            ),
            "dbaae8cf-10b5-4b86-a4a1-f871c94c6695": (
                "GroupMember.ReadWrite.All",
                "put any account into groups that open other systems",
            ),
            "50483e42-d915-4231-9639-7fdb7fd190e5": (
                "UserAuthenticationMethod.ReadWrite.All",
                "register sign-in methods of its own for other people's accounts",
            ),
            "29c18626-4985-4dcd-85c0-193eef327366": (
                "Policy.ReadWrite.AuthenticationMethod",
                "weaken the sign-in methods that the tenant accepts",
            ),
            "01c0a623-fc9b-48e9-b794-0756f8e8f067": (
                "Policy.ReadWrite.ConditionalAccess",
                "switch Conditional Access policies off",
            ),
            "a402ca1c-2696-4531-972d-6e5ee4aa11ea": (
                "Policy.ReadWrite.PermissionGrant",
                "change who may consent to what",
            ),
            "8e8e4742-1d95-4f68-9d56-6ee75648c72a": (
                "DelegatedPermissionGrant.ReadWrite.All",
                "consent to delegated permissions in everybody's name",
            ),
            "7e05723c-0bb0-42da-be95-ae9f08a6e53c": (
                "Domain.ReadWrite.All",
                "add a domain whose sign-ins it controls",
            ),
            "741f803b-c850-494e-b5df-cde7c675a1ca": ("User.ReadWrite.All", "change every user's account"),
            "c529cfca-c91b-489c-af2b-d92990b66ce6": (
                "User.ManageIdentities.All",
                "change which identities open a user's account",
            ),
            "9acd699f-1e81-4958-b001-93b1d2506e19": (
                "EntitlementManagement.ReadWrite.All",
                "hand out access packages, with the groups and roles in them",
            ),
            "9241abd9-d0e6-425a-bd4f-47ba86e767a4": (
                "DeviceManagementConfiguration.ReadWrite.All",
                "run settings and scripts of its choice on managed devices",
            ),
            "e330c4f0-4170-414e-a55a-2f022ec2b57b": (
                "DeviceManagementRBAC.ReadWrite.All",
                "make any account an administrator of device management",
            ),
            "5b07b0dd-2377-4e44-a38d-703f09a0dc3c": (
                "DeviceManagementManagedDevices.PrivilegedOperations.All",
                "wipe managed devices and reset their passcodes",
            ),
        },
    ),
    *_of(
        "data",
        {
            "810c84a8-4a9e-49e6-bf7d-12d183f40d01": ("Mail.Read", "read the mail of every mailbox"),
            "e2a3a72e-5f79-4c64-b1b1-878b674786c9": ("Mail.ReadWrite", "read, change and delete mail in every mailbox"),
            "b633e1c5-b582-4048-a93e-9f11b44c7e96": ("Mail.Send", "send mail in anybody's name"),
            "6931bccd-447a-43d1-b442-00a195474933": (
                "MailboxSettings.ReadWrite",
                "change the settings of every mailbox, automatic replies among them",
            ),
            "dc890d15-9560-4a4c-9b7f-a736ec74ec40": (
                "full_access_as_app",
                "do anything in every mailbox through Exchange Web Services",
            ),
            "dc50a0fb-09a3-484d-be87-e023b12c6440": (
                "Exchange.ManageAsApp",
                "administer Exchange Online as far as its directory roles allow",
            ),
            "ef54d2bf-783f-4e0f-bca1-3210c0444d99": ("Calendars.ReadWrite", "change every calendar"),
            "01d4889c-1287-42c6-ac1f-5d1e02578ef6": ("Files.Read.All", "read every file of every site and person"),
            "75359482-378d-4052-8f01-80520e7db3cd": (
                "Files.ReadWrite.All",
                "change and delete every file of every site and person",
            ),
            "332a536c-c7ef-4017-ab91-336970924f0d": ("Sites.Read.All", "read every SharePoint site"),
            "9492366f-7969-46a4-8d15-ed1a20078fff": (
                "Sites.ReadWrite.All",
                "change the content of every SharePoint site",
            ),
            "0c0bf378-bf22-4481-8f81-9e89a9b4960a": (
                "Sites.Manage.All",
                "create and delete lists on every SharePoint site",
            ),
            "a82116e5-55eb-4c41-a434-62fe8a61c773": (
                "Sites.FullControl.All",
                "do anything on every SharePoint site, permissions included",
            ),
            "678536fe-1083-478a-9c59-b99265e6b0d3": (
                "Sites.FullControl.All (SharePoint)",
                "do anything on every SharePoint site, permissions included",
            ),
            "3aeca27b-ee3a-4c2b-8ded-80376e2134a4": ("Notes.Read.All", "read every OneNote notebook"),
            "6b7d71aa-70aa-4810-a8d9-5d9fb2830017": ("Chat.Read.All", "read every chat message"),
            "294ce7c9-31ba-490a-ad7d-97a7d075e4ed": ("Chat.ReadWrite.All", "read and write every chat message"),
            "7b2449af-6ccd-4f4d-9f78-e550c193f0d1": (
                "ChannelMessage.Read.All",
                "read the messages of every Teams channel",
            ),
            "dfb0dd15-61de-45b2-be36-d6a69fba3c79": (
                "Teamwork.Migrate.All",
                "write chat messages in anybody's name with any date",
            ),
            "a4a08342-c95d-476b-b943-97e100569c8d": (
                "OnlineMeetingRecording.Read.All",
                "watch the recordings of every meeting",
            ),
            "a4a80d8d-d283-4bd8-8504-555ec3870630": (
                "OnlineMeetingTranscript.Read.All",
                "read the transcripts of every meeting",
            ),
            "884b599e-4d48-43a5-ba94-15c414d00588": (
                "DeviceLocalCredential.Read.All",
                "read the local administrator passwords of devices",
            ),
            "b2620db1-3bf7-4c5b-9cb9-576d29eac736": (
                "eDiscovery.ReadWrite.All",
                "search and export everything that eDiscovery reaches",
            ),
            "243333ab-4d21-40cb-a475-36241daa0842": (
                "DeviceManagementManagedDevices.ReadWrite.All",
                "change the records of every managed device",
            ),
            "405a51b5-8d8d-430b-9842-8be4b0e9f324": ("User.Export.All", "export everything that is kept about a user"),
        },
    ),
)

BY_ID = {permission.id: permission for permission in POWERFUL}
