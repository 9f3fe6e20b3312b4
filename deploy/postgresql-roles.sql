-- The two database roles of Collum. Run this once, as a superuser, in Collum's database:
--
--     psql --dbname collum --file deploy/postgresql-roles.sql
--     psql --dbname collum --command '\password collum_owner' --command '\password collum_app'
--
-- collum_owner owns the tables, and runs `manage.py migrate`. collum_app is the role of the server and of the daily
-- commands: it reads and writes rows, but owns nothing, so it can neither remove a trigger nor empty a table. After
-- each migration, Collum itself withdraws from every other role the right to change or delete what is only added to:
-- audit entries, seals and signed records.
--
-- It can be run again. In a database that exists already, it hands over the tables to collum_owner.

DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'collum_owner') THEN
        CREATE ROLE collum_owner LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'collum_app') THEN
        CREATE ROLE collum_app LOGIN;
    END IF;
END $$;
ALTER ROLE collum_owner NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
ALTER ROLE collum_app NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
REVOKE collum_owner FROM collum_app;

DO $$ BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO collum_owner, collum_app', current_database());
END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO collum_owner;
GRANT USAGE ON SCHEMA public TO collum_app;

-- What exists: tables with their sequences and triggers, and the triggers' functions.
DO $$ DECLARE each record; BEGIN
    FOR each IN SELECT oid::regclass AS name FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
    LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO collum_owner', each.name);
    END LOOP;
    FOR each IN SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prorettype = 'trigger'::regtype
    LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO collum_owner', each.name);
    END LOOP;
END $$;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM collum_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO collum_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO collum_app;

-- What migrations create later.
ALTER DEFAULT PRIVILEGES FOR ROLE collum_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO collum_app;
ALTER DEFAULT PRIVILEGES FOR ROLE collum_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO collum_app;

-- Until the next migration, which does this too: a trigger says which tables are only added to.
-- 0.1.0 called it is_only_added_to.
DO $$ DECLARE each record; BEGIN
    FOR each IN SELECT tgrelid::regclass AS name FROM pg_trigger WHERE tgname ~ '_is_(append_only|only_added_to)__update$'
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE ON %s FROM collum_app', each.name);
    END LOOP;
END $$;
