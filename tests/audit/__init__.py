"""What the project leans on and what it gives away: licences, known vulnerabilities, secrets in its files.

Licences and secrets are held offline, in `make test`, too. `make audit` also asks the advisory services of PyPI and npm.
"""
