// A real OpenID Connect provider for tests: its own development pages ask for a name, and take any password.
// Arguments: the port, and a JSON object of what is known of people by that name.
import Provider from "oidc-provider";

const [port, people] = [process.argv[2], JSON.parse(process.argv[3])];
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "wikic",
      client_secret: "a secret / with + signs",
      redirect_uris: ["http://127.0.0.1/sign-in/oidc/callback", "https://skills.example.org/sign-in/oidc/callback"],
    },
  ],
  claims: { openid: ["sub", "groups"], email: ["email", "email_verified"], profile: ["name", "preferred_username"] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
