"""What deploys, publishes or pushes is held back; what only looks or builds is not."""

import pytest

from pipelinelab.model.pipelines import Pipe
from pipelinelab.planning.guard import deploys, pipe_deploys

DEPLOYS = """git push
git push --tags origin main
git -C sub push https://x@example.org/a.git
make test && git push
heroku container:release web
aws s3 sync build s3://bucket
sudo aws s3 cp x s3://bucket/x
aws ecs update-service --service web
aws lambda update-function-code --function-name f
eb deploy production
kubectl apply -f k8s/
kubectl --context prod rollout restart deployment/web
helm upgrade --install web ./chart
terraform apply -auto-approve
terraform -chdir=infra destroy
npm publish
yarn publish --new-version 1.0.0
npx semantic-release
twine upload dist/*
python -m twine upload dist/*
python setup.py sdist upload
mvn -B deploy
./gradlew publish
docker push example/web:1
docker compose push
rsync -az build/ deploy@example.org:/var/www
scp -r dist user@host:/srv
ssh user@host systemctl restart web
ssh $DEPLOY_USER@$DEPLOY_HOST 'cd /srv && git pull'
gcloud run deploy web
az webapp deploy --name web
firebase deploy --only hosting
serverless deploy --stage prod
npx serverless deploy
ansible-playbook site.yml
cap production deploy
fab deploy
make deploy
npm run deploy
./deploy.sh
bash scripts/deploy.sh production
sh ./ci/deploy-prod.sh
python deploy.py
lftp -e 'mirror -R build /' ftp.example.org
if [ "$X" = 1 ]; then git push; fi
VERSION=1 npm publish
echo done; ./deploy.sh
for s in a b; do kubectl apply -f $s; done
gem push x.gem
cargo publish
sfdx force:source:deploy -p src
docker build -t x . \\
  && docker push x""".replace("\\\n", "\\§").split("\n")
HARMLESS = [
    "git status",
    "git pull",
    "git fetch origin && git log --oneline",
    "git push-nothing",
    "echo git push",
    "python manage.py check --deploy",
    "python manage.py test",
    "pip install -r requirements.txt",
    "pip install heroku",
    "npm ci",
    "npm run build",
    "npm test",
    "yarn install --frozen-lockfile",
    "docker build -t web .",
    "docker run --rm web",
    "docker pull mysql:5.7",
    "docker compose up -d",
    "kubectl get pods",
    "kubectl version --client",
    "helm lint ./chart",
    "helm template ./chart",
    "terraform plan",
    "terraform validate",
    "aws --version",
    "aws s3 ls",
    "aws sts get-caller-identity",
    "heroku --version",
    "mvn -B verify",
    "./gradlew test",
    'echo "we deploy on Fridays"',
    "# ./deploy.sh",
    "ls -la  # then git push",
    "cat deploy.md",
    "grep -r deploy .",
    "mkdir -p deployment",
    "cd deploy && ls",
    "pytest tests/test_deploy.py",
    "python -m pytest -k deploy",
    "ssh -V",
    "cp settings.deploy.py settings.py",
    "export DEPLOY_ENV=test",
    "mysql -h 127.0.0.1 -e 'select 1'",
    "apt-get update && apt-get install -y rsync ssh",
    "ansible --version",
    "ansible-playbook --version",
    "rsync -a build/ out/",
    "shellcheck deploy.sh",
    "chmod +x deploy.sh",
]


@pytest.mark.parametrize("line", DEPLOYS)
def test_what_changes_the_world_outside_is_held_back(line):
    assert deploys(line.replace("§", "\n"))


@pytest.mark.parametrize("line", HARMLESS)
def test_what_only_looks_builds_or_tests_is_not(line):
    assert deploys(line) == ""


def test_a_pipe_is_held_back_unless_it_is_known_only_to_look():
    assert "atlassian/aws-s3-deploy:1.1.0" in pipe_deploys(Pipe(pipe="atlassian/aws-s3-deploy:1.1.0"))
    assert pipe_deploys(Pipe(pipe="docker://example/anything"))
    assert pipe_deploys(Pipe(pipe="sonarsource/sonarqube-scan:2.0.1")) == ""
    assert pipe_deploys(Pipe(pipe="snyk/snyk-scan:0.5.2")) == ""
