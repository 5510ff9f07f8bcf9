$answer = Invoke-WebRequest https://example.com -OutFile data.csv
Write-Host $answer
