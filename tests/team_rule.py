"""A rule as a team writes its own, with an example of each kind."""

TEAM_RULE = """family: team
rules:
  - id: team-vpn
    title: The office VPN is down
    any: ['vpn\\.acme\\.example: no answer']
    cause: The build needs the office network.
    cure: Call the office.
    examples:
      positive: ["vpn.acme.example: no answer"]
      confusable: [{log: "vpn2: no answer"}]
      green: ["OK"]
"""
