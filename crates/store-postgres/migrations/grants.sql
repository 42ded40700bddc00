GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT ON {schema}.migrations TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.sessions, {schema}.prompt_leases,
    {schema}.revocations, {schema}.proofs, {schema}.challenges, {schema}.capabilities,
    {schema}.devices TO {role};
GRANT SELECT, UPDATE ON {schema}.horizons TO {role};
GRANT SELECT, INSERT, UPDATE ON {schema}.seal TO {role};
GRANT USAGE ON SEQUENCE {schema}.logins TO {role};
ALTER ROLE {role} SET log_parameter_max_length = 0;
ALTER ROLE {role} SET log_parameter_max_length_on_error = 0;
