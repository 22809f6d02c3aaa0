"""What every service of the stand-in stands on. Each line imports only from those below it:

serving       the sockets and what speaks on them: listeners, application, WebSockets, the CONNECT proxy
part          the contract of a service                 environment    how clients find the stand-in
arm           Azure Resource Manager: the generic store of resources, and management.azure.com over it
http          requests, responses, routes, services
auth          who asks and what they may do: access tokens, roles
clock         virtual time
store         documents in SQLite     docker     the engine     addresses, certificates, faults, profile
errors        refusals with a status and a code
"""
