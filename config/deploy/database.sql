-- Run once, by the image of compose.yaml's PostgreSQL, as its superuser in an empty cluster: the role and the database of the site.
-- The role is no superuser, so whatever reaches the database as the site, a backup too, can start no program on its server.
\getenv password POSTGRES_PASSWORD
CREATE ROLE advisor LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE advisor OWNER advisor;
-- The superuser had the same password until now. Without one it comes in from within the container alone.
ALTER ROLE CURRENT_USER PASSWORD NULL;
