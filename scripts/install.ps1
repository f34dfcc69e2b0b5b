# Installs km on Windows, in Windows PowerShell 5.1 and PowerShell 7:
#
#   irm <address>/install.ps1 | iex
#
# It downloads the release manifest, believes it only with the signature of a release key, and then the one file whose SHA-256 the
# manifest names. That file goes to ~\.km\bin\km.exe and the folder into the user's Path; nothing needs an administrator.
#
# Environment: KM_INSTALL (another folder), KM_VERSION (this version, also an older one), KM_CHANNEL (stable, beta), KM_BASE_URL
# (another address; the keys stay), KM_NO_MODIFY_PATH=1, KM_DRY_RUN=1, KM_UNINSTALL=1.
# Saved as a file it takes -NoModifyPath, -DryRun, -Uninstall and -Help as well, and so does
#   & ([scriptblock]::Create((irm <address>/install.ps1))) -Uninstall
#
# A folder of KM_INSTALL that got a km from here is written down in HKCU\Software\km-install. In any other folder than that and
# ~\.km\bin, a km.exe is taken for somebody else's: neither started nor replaced nor removed.
#
# The saved file ends with km's exit codes (README, exit codes). Piped into iex it cannot end with one without closing the window: it
# throws, and $LASTEXITCODE has the code.
#
# All of it is one function that the last line calls: half a download does nothing. ASCII only: 5.1 reads a file without a mark in the
# code page of the machine. Of what modules bring as scripts (Get-FileHash, Get-Acl) nothing is called: 5.1 that was started by
# PowerShell 7 looks for it in the wrong folders.

# Under iex, $args would be those of the script around.
param([Parameter(ValueFromRemainingArguments = $true)][string[]]$KmWords = @())

function Install-Km {
    param([string[]]$Words = @())

    if ("$($ExecutionContext.SessionState.LanguageMode)" -ne 'FullLanguage') {
        Write-Host 'km: error: Cannot install km: this PowerShell runs in Constrained Language Mode, which keeps scripts from .NET' -ForegroundColor Red
        Write-Host 'km: hint: Ask who manages this machine, or download km by hand and compare its SHA-256 with SHA256SUMS'
        $global:LASTEXITCODE = 30
        if ($MyInvocation.MyCommand.ScriptBlock.File) { exit $global:LASTEXITCODE }
        throw 'km: nothing was done (exit code 30)'
    }
    Set-StrictMode -Version 3.0
    $ErrorActionPreference = 'Stop'
    # Exit codes are looked at where they matter.
    $PSNativeCommandUseErrorActionPreference = $false

    $KmBaseUrl = '@KM_BASE_URL@'
    $KmReleaseKeys = '@KM_RELEASE_KEYS@'

    # --- saying things ---

    function Write-Km([string]$Text) {
        Write-Host $Text
    }

    # Ends the installation: km's exit code, what could not be done, and what helps.
    function Stop-Km([int]$Code, [string]$Message, [string]$Hint) {
        $problem = New-Object System.InvalidOperationException $Message
        $problem.Data['code'] = $Code
        $problem.Data['hint'] = $Hint
        throw $problem
    }

    function Show-KmHelp {
        Write-Km 'Installs km for this user. Options of the saved file, and what they are called in the environment:'
        Write-Km '  -DryRun         KM_DRY_RUN=1         verify the release and say what would be done'
        Write-Km '  -Uninstall      KM_UNINSTALL=1       remove km; what it recorded stays'
        Write-Km '  -NoModifyPath   KM_NO_MODIFY_PATH=1  leave the Path alone'
        Write-Km '                  KM_INSTALL=folder    install there; ~\.km\bin otherwise'
        Write-Km '                  KM_VERSION=1.2.3     that version, not the newest'
        Write-Km '                  KM_CHANNEL=beta      the newest of this channel; stable otherwise'
        Write-Km '                  KM_BASE_URL=address  take the release from there'
    }

    # --- what was asked for ---

    function Get-Setting([string]$Name) {
        $value = [Environment]::GetEnvironmentVariable($Name)
        if ($null -eq $value) { return '' }
        return $value.Trim()
    }

    function Test-Setting([string]$Name) {
        return @('', '0', 'false', 'no') -notcontains (Get-Setting $Name).ToLowerInvariant()
    }

    function Read-Wishes([string[]]$Words) {
        $wishes = @{
            Help         = $false
            DryRun       = Test-Setting 'KM_DRY_RUN'
            Uninstall    = Test-Setting 'KM_UNINSTALL'
            NoModifyPath = Test-Setting 'KM_NO_MODIFY_PATH'
        }
        foreach ($word in $Words) {
            $name = $word.TrimStart('-').Replace('-', '')
            # A hashtable knows its keys in any case: -dryrun, --dry-run.
            if (-not $word.StartsWith('-') -or -not $wishes.ContainsKey($name)) {
                Stop-Km 2 "Cannot use `"$word`": there is no such option" '-Help lists the options'
            }
            $wishes[$name] = $true
        }
        $wishes['Version'] = Get-WishedVersion
        $wishes['Channel'] = Get-WishedChannel
        return $wishes
    }

    # True for 1.2.3 and 1.2.3-beta.1. \z, because $ also stands before a line end.
    function Test-Version([string]$Text) {
        $word = '(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)'
        return $Text.Length -le 100 -and
            $Text -cmatch "^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-$word(\.$word)*)?\z"
    }

    # '' when the newest is asked for.
    function Get-WishedVersion {
        $text = Get-Setting 'KM_VERSION'
        $version = $text -replace '^v', ''
        if ($text -ne '' -and -not (Test-Version $version)) {
            Stop-Km 2 "Cannot install version `"$text`": it is no version" 'Give KM_VERSION as 1.2.3'
        }
        return $version
    }

    function Get-WishedChannel {
        $channel = Get-Setting 'KM_CHANNEL'
        if ($channel -eq '') { $channel = 'stable' }
        if (@('stable', 'beta') -cnotcontains $channel) {
            Stop-Km 2 "Cannot install from channel `"$channel`"" 'KM_CHANNEL is stable or beta'
        }
        return $channel
    }

    function Get-BaseUrl([string]$Stamped) {
        $text = Get-Setting 'KM_BASE_URL'
        if ($text -eq '') { $text = $Stamped }
        if ($text.StartsWith('@')) {
            Stop-Km 30 'Cannot install km: this install.ps1 is the template, without an address and release keys' `
                'Use the install.ps1 that lies beside a release; in a checkout, "deno task install" installs the checkout'
        }
        $address = $null
        $isAddress = [Uri]::TryCreate($text, [UriKind]::Absolute, [ref]$address)
        if (-not $isAddress -or -not (Test-SafeAddress $address $false) -or "$($address.Query)$($address.Fragment)" -ne '') {
            Stop-Km 2 "Cannot install from `"$text`": it is no address by https" 'Give KM_BASE_URL as https://...'
        }
        return $address.AbsoluteUri.TrimEnd('/')
    }

    # https, or http on this machine alone where that is allowed.
    function Test-SafeAddress([Uri]$Address, [bool]$OnlyHttps) {
        if ($Address.Scheme -eq 'https') { return $true }
        return -not $OnlyHttps -and $Address.Scheme -eq 'http' -and $Address.IsLoopback
    }

    # The keys that may sign a release, as pairs of id and the key's 32 bytes.
    function Get-ReleaseKey([string]$Stamped) {
        if ($Stamped.StartsWith('@')) {
            Stop-Km 30 'Cannot install km: this install.ps1 is the template, without release keys' `
                'Use the install.ps1 that lies beside a release; in a checkout, "deno task install" installs the checkout'
        }
        foreach ($pair in $Stamped.Split(' ')) {
            $id, $key = $pair.Split(':')
            New-Object PSObject -Property @{ Id = $id; Bytes = [Convert]::FromBase64String($key) }
        }
    }

    # A path as the user wrote it, whole. Unlike .NET's own, this knows ~ and the folder that PowerShell is in.
    function Get-FullPath([string]$Name, [string]$Path) {
        try {
            $whole = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
            if ([IO.Path]::IsPathRooted($whole)) { return [IO.Path]::GetFullPath($whole).TrimEnd('\') }
        } catch {
            Stop-Km 2 "Cannot use $Name, `"$Path`": $($_.Exception.GetBaseException().Message)" "Set $Name to the path of a folder"
        }
        Stop-Km 2 "Cannot use $Name, `"$Path`": it is no path of a folder" "Set $Name to the path of a folder"
    }

    function Get-DefaultFolder {
        return "$env:USERPROFILE\.km\bin"
    }

    function Get-InstallFolder {
        $wished = Get-Setting 'KM_INSTALL'
        if ($wished -eq '') { return Get-DefaultFolder }
        $folder = Get-FullPath 'KM_INSTALL' $wished
        # A semicolon ends an entry of Path, %x% is replaced in it, and a drive itself is no place for programs.
        if ($folder -match '[;%"]' -or $folder -match '^[A-Za-z]:\z') {
            Stop-Km 2 "Cannot install km into `"$folder`": a folder in Path has no ; and no % in its name, and is no drive" `
                'Set KM_INSTALL to another folder'
        }
        return $folder
    }

    # --- the machine ---

    # Targets that run here, the best one first.
    function Get-KmTarget {
        if ($env:OS -ne 'Windows_NT') {
            Stop-Km 30 'Cannot install km: install.ps1 is for Windows' 'On Linux and macOS: curl -fsSL <address>/install.sh | sh'
        }
        # The environment of the machine, not that of this process: an x64 PowerShell on an ARM64 machine says AMD64 of itself.
        $key = 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
        $architecture = [string](Get-ItemProperty -LiteralPath $key -Name 'PROCESSOR_ARCHITECTURE').PROCESSOR_ARCHITECTURE
        if ($architecture -eq 'AMD64') { return @('x86_64-pc-windows-msvc') }
        # Windows 11 on ARM runs x64 programs by emulation.
        if ($architecture -eq 'ARM64') { return @('aarch64-pc-windows-msvc', 'x86_64-pc-windows-msvc') }
        Stop-Km 30 "Cannot install km: it is not built for $architecture" 'km runs on x64 and ARM64'
    }

    # Old .NET Framework offers servers TLS 1.0 alone; 0 means that Windows decides, which is better.
    function Enable-Tls12 {
        $protocols = [int][Net.ServicePointManager]::SecurityProtocol
        $tls12 = 3072
        if ($protocols -ne 0 -and ($protocols -band $tls12) -eq 0) {
            [Net.ServicePointManager]::SecurityProtocol = $protocols -bor $tls12
        }
    }

    # Runs a program: exit code and output, or -1 and the reason.
    function Invoke-Program([string]$Path, [string]$Words) {
        $start = New-Object Diagnostics.ProcessStartInfo $Path, $Words
        $start.UseShellExecute = $false
        $start.RedirectStandardOutput = $true
        try {
            $process = [Diagnostics.Process]::Start($start)
        } catch {
            return @{ Code = -1; Output = $_.Exception.GetBaseException().Message }
        }
        try {
            $reading = $process.StandardOutput.ReadToEndAsync()
            if (-not $process.WaitForExit(120000)) {
                $process.Kill()
                return @{ Code = -1; Output = 'it takes longer than 2 minutes' }
            }
            # What it started may hold its output open.
            if (-not $reading.Wait(10000)) { return @{ Code = $process.ExitCode; Output = '' } }
            return @{ Code = $process.ExitCode; Output = $reading.Result.Trim() }
        } finally {
            $process.Dispose()
        }
    }

    # --- folders ---

    function Test-There([string]$Path) {
        return [IO.File]::Exists($Path) -or [IO.Directory]::Exists($Path)
    }

    # Makes a folder and those above it; returns the ones that were not there, the deepest first.
    function New-Folder([string]$Folder) {
        $made = @()
        $path = $Folder
        while ($path -and -not (Test-There $path)) {
            $made += $path
            $path = [IO.Path]::GetDirectoryName($path)
        }
        try {
            [IO.Directory]::CreateDirectory($Folder) | Out-Null
        } catch {
            Stop-Km 25 "Cannot make the folder `"$Folder`": $($_.Exception.GetBaseException().Message)" `
                'Set KM_INSTALL to a folder that you may write to'
        }
        return $made
    }

    # A new folder for this user alone (and Windows itself), from its first moment on.
    function New-PrivateFolder([string]$Folder, [string]$Prefix) {
        $path = "$Folder\$Prefix$([Guid]::NewGuid().ToString('N'))"
        $user = [Security.Principal.WindowsIdentity]::GetCurrent().User.Value
        $rules = New-Object Security.AccessControl.DirectorySecurity
        $rules.SetSecurityDescriptorSddlForm("D:P(A;OICI;FA;;;$user)(A;OICI;FA;;;SY)", 'Access')
        $info = New-Object IO.DirectoryInfo $path
        try {
            # A method in .NET Framework, an extension in the .NET of PowerShell 7.
            if ($PSVersionTable.PSVersion.Major -lt 6) { $info.Create($rules) } else { [IO.FileSystemAclExtensions]::Create($info, $rules) }
        } catch {
            Stop-Km 25 "Cannot write into `"$Folder`": $($_.Exception.GetBaseException().Message)" `
                'Set KM_INSTALL to a folder that you may write to'
        }
        return $path
    }

    # Refuses a folder in which everybody who may log in could put another km.exe in the place of this one. Looked for: the groups that
    # everybody is in. Not looked for: single other users, and the folder's owner.
    function Confirm-ClosedFolder([string]$Folder) {
        $info = New-Object IO.DirectoryInfo $Folder
        if ($PSVersionTable.PSVersion.Major -lt 6) { $acl = $info.GetAccessControl('Access') } else { $acl = [IO.FileSystemAclExtensions]::GetAccessControl($info, 'Access') }
        # CreateFiles, DeleteSubdirectoriesAndFiles, ChangePermissions, TakeOwnership, GENERIC_WRITE, GENERIC_ALL
        $writing = 0x2 -bor 0x40 -bor 0x40000 -bor 0x80000 -bor 0x40000000 -bor 0x10000000
        # Everyone, Anonymous, Network, Interactive, Authenticated Users, Users, Guests, Domain Users, Domain Guests
        $everybody = '^S-1-(1-0|5-7|5-2|5-4|5-11|5-32-545|5-32-546|5-21-.*-51[34])\z'
        foreach ($rule in $acl.GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])) {
            $isHere = ([int]$rule.PropagationFlags -band 2) -eq 0
            $allows = [string]$rule.AccessControlType -eq 'Allow' -and ([int]$rule.FileSystemRights -band $writing) -ne 0
            if ($isHere -and $allows -and $rule.IdentityReference.Value -match $everybody) {
                Stop-Km 23 "Cannot trust the folder `"$Folder`": other users of this machine may write into it" `
                    'Set KM_INSTALL to a folder in your own, or take the right from them (icacls)'
            }
        }
    }

    function Remove-Folder([string]$Path) {
        try { [IO.Directory]::Delete($Path, $true) } catch { Write-Verbose "stays until the next time: $Path" }
    }

    function Remove-EmptyFolder([string]$Path) {
        if ([IO.Directory]::Exists($Path) -and [IO.Directory]::GetFileSystemEntries($Path).Length -eq 0) { [IO.Directory]::Delete($Path) }
    }

    # What installers and updates left that were killed; what is younger than an hour may still be at work.
    function Remove-Leftover([string]$Folder) {
        foreach ($path in [IO.Directory]::GetDirectories($Folder, '.km-new-*')) {
            if ([IO.Directory]::GetLastWriteTimeUtc($path) -lt [DateTime]::UtcNow.AddHours(-1)) { Remove-Folder $path }
        }
    }

    # --- downloads ---

    # The answer to a request, redirects followed: .NET Framework's own way of following them also leads from https to http.
    function Open-Address([Uri]$Address) {
        $at = $Address
        for ($hop = 0; $hop -lt 10; $hop++) {
            $request = [Net.WebRequest]::CreateHttp($at)
            $request.AllowAutoRedirect = $false
            $request.Timeout = 60000
            $request.UserAgent = 'km-install'
            try {
                $response = $request.GetResponse()
            } catch {
                $cause = $_.Exception.GetBaseException()
                if ($cause -is [Net.WebException] -and $null -ne $cause.Response) {
                    $status = [int]$cause.Response.StatusCode
                    # 5.1 opens two connections to a server; one that is not closed stays taken.
                    $cause.Response.Close()
                    # A server in trouble may be better in a second; a refusal is final.
                    if ($status -lt 500) {
                        Stop-Km 24 "Cannot download `"$at`": the server answers with status $status" 'Look at KM_BASE_URL and KM_VERSION; nothing was changed'
                    }
                }
                throw
            }
            $status = [int]$response.StatusCode
            if ($status -lt 300) { return @{ Request = $request; Response = $response } }
            $to = Resolve-Address $at ([string]$response.Headers['Location'])
            # Close alone would read the rest first.
            $request.Abort()
            $response.Close()
            if ($null -eq $to) { Stop-Km 24 "Cannot download `"$at`": it leads to no address by https" 'Look at KM_BASE_URL; nothing was changed' }
            $at = $to
        }
        Stop-Km 24 "Cannot download `"$Address`": it leads on and on" 'Look at KM_BASE_URL; nothing was changed'
    }

    # One try. $Limit: bytes that it may have at most.
    function Save-AddressOnce([Uri]$Address, [string]$Path, [long]$Limit) {
        $opened = Open-Address $Address
        $total = [long]0
        try {
            $from = $opened.Response.GetResponseStream()
            $to = [IO.File]::Create($Path)
            try {
                $buffer = New-Object byte[] 262144
                while ($true) {
                    # 5.1 has no limit of time for a body but this.
                    $reading = $from.ReadAsync($buffer, 0, $buffer.Length)
                    if (-not $reading.Wait(60000)) { throw 'nothing came for 60 s' }
                    if ($reading.Result -eq 0) { break }
                    $total += $reading.Result
                    if ($total -gt $Limit) {
                        Stop-Km 23 "Cannot trust `"$Address`": it is larger than $Limit bytes" 'It is not the file of the release; nothing was changed'
                    }
                    $to.Write($buffer, 0, $reading.Result)
                }
                $to.Flush($true)
            } finally {
                $to.Dispose()
            }
            $said = $opened.Response.ContentLength
            if ($said -gt $total) { throw "the connection ended after $total of $said bytes" }
        } finally {
            $opened.Request.Abort()
            $opened.Response.Close()
        }
    }

    function Save-Address([Uri]$Address, [string]$Path, [long]$Limit) {
        for ($try = 1; $true; $try++) {
            try {
                Save-AddressOnce $Address $Path $Limit
                return
            } catch {
                if ($null -ne $_.Exception.Data['code']) { throw }
                $cause = $_.Exception.GetBaseException()
                # ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL
                if (@(0x27, 0x70) -contains ($cause.HResult -band 0xffff) -and $cause -is [IO.IOException]) {
                    Stop-Km 14 "Cannot write `"$Path`": the disk is full" 'Make room, or set KM_INSTALL to a folder on another disk'
                }
                if ($try -eq 3) {
                    Stop-Km 24 "Cannot download `"$Address`": $($cause.Message)" 'Look at your connection and KM_BASE_URL; nothing was changed'
                }
                Start-Sleep -Seconds 1
            }
        }
    }

    # Where a link leads that was found at $From; $null when that is not safe, or not as safe.
    function Resolve-Address([Uri]$From, [string]$Link) {
        $to = $null
        if ($Link -ne '' -and [Uri]::TryCreate($From, $Link, [ref]$to) -and (Test-SafeAddress $to ($From.Scheme -eq 'https'))) { return $to }
        return $null
    }

    # --- trust ---

    # What `ssh-keygen -Y verify -f` reads: a name for who signs, and the key in the form of RFC 8709, section 4.
    function Get-AllowedSigner([byte[]]$Key) {
        $type = [Text.Encoding]::ASCII.GetBytes('ssh-ed25519')
        $blob = [byte[]](@(0, 0, 0, 11) + $type + @(0, 0, 0, 32) + $Key)
        return "km namespaces=`"km`" ssh-ed25519 $([Convert]::ToBase64String($blob))`n"
    }

    # The key as PEM: RFC 8410, section 4; twelve bytes say "Ed25519", then comes the key.
    function Get-PublicKeyPem([byte[]]$Bytes) {
        $prefix = @(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00)
        $base64 = [Convert]::ToBase64String([byte[]]($prefix + $Bytes))
        return "-----BEGIN PUBLIC KEY-----`n$base64`n-----END PUBLIC KEY-----`n"
    }

    # Programs of this name that may be here: Windows' own, Git for Windows', any on the Path.
    function Find-Tool([string]$Name) {
        $places = @()
        # For a 32-bit process, System32 is elsewhere and Sysnative is what it sees of the real one.
        foreach ($system in @('System32', 'Sysnative')) {
            $places += "$env:SystemRoot\$system\OpenSSH\$Name"
        }
        foreach ($root in @($env:ProgramW6432, $env:ProgramFiles, "$env:LOCALAPPDATA\Programs")) {
            if (-not $root) { continue }
            foreach ($part in @('usr', 'mingw64', 'clangarm64')) { $places += "$root\Git\$part\bin\$Name" }
        }
        $known = @($places | Where-Object { [IO.File]::Exists($_) })
        $others = @(Get-Command -Name $Name -CommandType Application -All -ErrorAction SilentlyContinue |
                ForEach-Object { $_.Path })
        return @($known + $others | Select-Object -Unique)
    }

    # Runs one line of cmd in a folder, with the program's path in %KM_TOOL%, and returns the exit code. By way of cmd, because
    # PowerShell's pipes change bytes on their way, and .NET Framework writes a mark in front of what it pipes.
    function Invoke-Tool([string]$Folder, [string]$Tool, [string]$Line) {
        [IO.File]::WriteAllText("$Folder\run.cmd", "@$Line > nul 2>&1`r`n@exit /b %errorlevel%`r`n")
        $env:KM_TOOL = $Tool
        Push-Location -LiteralPath $Folder
        try {
            & $env:ComSpec /d /c .\run.cmd | Out-Null
            return $LASTEXITCODE
        } finally {
            Pop-Location
            Remove-Item -LiteralPath 'Env:KM_TOOL'
        }
    }

    # Whether the tool says that the manifest.json in the folder is signed.
    function Test-Signature([string]$Folder, [string]$Tool) {
        if ($Tool -match 'ssh-keygen\.exe\z') {
            $line = '"%KM_TOOL%" -Y verify -f allowed_signers -I km -n km -s manifest.json.sshsig < manifest.json'
        } else {
            $line = '"%KM_TOOL%" pkeyutl -verify -pubin -inkey key.pem -rawin -in manifest.json -sigfile signature.bin'
        }
        return (Invoke-Tool $Folder $Tool $line) -eq 0
    }

    # Writes what the tools read beside manifest.json and manifest.json.sshsig.
    function Write-TrustFile([string]$Folder, [byte[]]$SshKey, [byte[]]$OpensslKey, [byte[]]$Signature) {
        [IO.File]::WriteAllText("$Folder\allowed_signers", (Get-AllowedSigner $SshKey))
        [IO.File]::WriteAllText("$Folder\key.pem", (Get-PublicKeyPem $OpensslKey))
        [IO.File]::WriteAllBytes("$Folder\signature.bin", $Signature)
    }

    # Folders "right" and "wrong": the letter r, signed, and the letter s with the same signatures. For openssl it is RFC 8032, section
    # 7.1, test 2; for ssh-keygen a key that was made for this and thrown away.
    function Write-Sample([string]$Work) {
        $sshKey = [Convert]::FromBase64String('U+whv6p7aCTK7I0GQP56QYDI+AM/POPEehHg7habKBo=')
        $sshSignature = @(
            '-----BEGIN SSH SIGNATURE-----'
            'U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgU+whv6p7aCTK7I0GQP56QYDI+A'
            'M/POPEehHg7habKBoAAAACa20AAAAAAAAABnNoYTUxMgAAAFMAAAALc3NoLWVkMjU1MTkA'
            'AABA71HeU8zpesTPeS40Le4iK0KT41hV9yp3frdSr9sxgUcaCvOuD3dig3+SQAr8NC1pz2'
            'zvZY/edwIMoK9wFTDwAA=='
            '-----END SSH SIGNATURE-----'
            ''
        ) -join "`n"
        $opensslKey = [Convert]::FromBase64String('PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=')
        $signature = [Convert]::FromBase64String('kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA==')
        foreach ($name in @('right', 'wrong')) {
            $folder = "$Work\$name"
            [IO.Directory]::CreateDirectory($folder) | Out-Null
            [IO.File]::WriteAllText("$folder\manifest.json", $name.Substring(0, 1).Replace('w', 's'))
            [IO.File]::WriteAllText("$folder\manifest.json.sshsig", $sshSignature)
            Write-TrustFile $folder $sshKey $opensslKey $signature
        }
    }

    # Reads the manifest's signature and writes what the tools need of it.
    function Write-ReleaseTrust([string]$Folder, [object[]]$Keys) {
        $sig = [IO.File]::ReadAllText("$Folder\manifest.json.sig")
        if ($sig -cnotmatch '^([0-9a-f]{16}) ([A-Za-z0-9+/]{86}==)\r?\n?\z') {
            Stop-Km 23 'Cannot trust the release manifest: its signature is not one' 'Try again later; nothing was changed'
        }
        $id = $Matches[1]
        $signature = [Convert]::FromBase64String($Matches[2])
        $signers = @($Keys | Where-Object { $_.Id -ceq $id })
        if ($signers.Count -ne 1) {
            Stop-Km 23 "Cannot trust the release manifest: key $id is none of this installer's" `
                'Take install.ps1 anew from where you found it; nothing was changed'
        }
        Write-TrustFile $Folder $signers[0].Bytes $signers[0].Bytes $signature
    }

    # Returns when a program on this machine says that the manifest is signed by one of the keys. The first one that tells right from
    # wrong has the last word.
    function Confirm-Signature([string]$Work, [object[]]$Keys) {
        Write-ReleaseTrust "$Work\release" $Keys
        Write-Sample $Work
        foreach ($tool in @(Find-Tool 'ssh-keygen.exe') + @(Find-Tool 'openssl.exe')) {
            if (-not (Test-Signature "$Work\right" $tool) -or (Test-Signature "$Work\wrong" $tool)) { continue }
            if (Test-Signature "$Work\release" $tool) { return }
            Stop-Km 23 "Cannot trust the release manifest: its signature is wrong, says $tool" `
                'Somebody may have changed it on its way; nothing was changed'
        }
        Stop-Km 23 'Cannot verify the signature: neither ssh-keygen (8.1 or newer) nor openssl (3 or newer) is here' `
            'Add "OpenSSH Client" in Settings, System, Optional features, or install Git for Windows'
    }

    # PowerShell 7 makes a date of what looks like one, 5.1 leaves the text.
    function ConvertTo-UtcTime($Value) {
        if ($Value -is [DateTime]) { return $Value.ToUniversalTime() }
        $culture = [Globalization.CultureInfo]::InvariantCulture
        return [DateTimeOffset]::Parse([string]$Value, $culture).UtcDateTime
    }

    # A field of what was JSON; $null when there is none.
    function Get-Field($Object, [string]$Name) {
        if ($null -eq $Object) { return $null }
        $property = $Object.PSObject.Properties[$Name]
        if ($null -eq $property) { return $null }
        return $property.Value
    }

    # What the manifest says, after its signature was verified.
    function Read-Manifest([string]$Path, $Wishes) {
        $manifest = [IO.File]::ReadAllText($Path) | ConvertFrom-Json
        if ((Get-Field $manifest 'type') -cne 'km release manifest' -or (Get-Field $manifest 'format') -ne 1) {
            Stop-Km 23 'Cannot read the release manifest: it is of another kind' 'Take a newer install.ps1'
        }
        $version = [string](Get-Field $manifest 'version')
        $channel = Get-Field $manifest 'channel'
        # The manifest of one version is of no channel: so an old one cannot be served as the newest.
        if ($Wishes.Version -ne '') { $isAsked = $null -eq $channel -and $version -ceq $Wishes.Version }
        else { $isAsked = $channel -ceq $Wishes.Channel -and (Test-Version $version) }
        if (-not $isAsked) {
            Stop-Km 23 "Cannot trust the release manifest: it is of version `"$version`" and channel `"$channel`", which was not asked for" `
                'Somebody may have put one in the place of another; nothing was changed'
        }
        $expires = ConvertTo-UtcTime (Get-Field $manifest 'expires')
        if ($expires -gt [DateTime]::UtcNow) { return $manifest }
        $day = $expires.ToString('yyyy-MM-dd')
        # Expiry keeps somebody from being held at an old release; who names a version asks for that one.
        if ($Wishes.Version -eq '') {
            Stop-Km 23 "Cannot trust the release manifest: it expired on $day" `
                'Look at the clock of this machine; else somebody serves an old manifest'
        }
        Write-Km "km: warning: this manifest expired on $day; taken because KM_VERSION names its version"
        return $manifest
    }

    # The file of the release for this machine.
    function Get-ReleaseFile($Manifest, [string[]]$Targets) {
        foreach ($target in $Targets) {
            $file = Get-Field $Manifest.files $target
            if ($null -eq $file) { continue }
            if ((Get-Field $file 'sha256') -cmatch '^[0-9a-f]{64}\z' -and (Get-Field $file 'bytes') -gt 0 -and
                (Get-Field $file 'url') -and (Get-Field $file 'name')) { return $file }
            Stop-Km 23 "Cannot trust the release manifest: what it says about $target is not whole" 'Tell those who serve it; nothing was changed'
        }
        Stop-Km 30 "Cannot install km $($Manifest.version): it has no file for $($Targets[0])" 'KM_VERSION asks for another version'
    }

    function Get-FileAddress([string]$BaseUrl, $File) {
        $address = Resolve-Address "$BaseUrl/" $File.url
        if ($null -eq $address) {
            Stop-Km 23 "Cannot trust the release manifest: its file is at `"$($File.url)`", which is no address by https" `
                'Tell those who serve it; nothing was changed'
        }
        return $address
    }

    function Get-Sha256([string]$Path) {
        $sha256 = [Security.Cryptography.SHA256]::Create()
        $stream = [IO.File]::OpenRead($Path)
        try {
            return [BitConverter]::ToString($sha256.ComputeHash($stream)).Replace('-', '').ToLowerInvariant()
        } finally {
            $stream.Dispose()
            $sha256.Dispose()
        }
    }

    # Throws unless the file is the one that the signed manifest names.
    function Confirm-File([string]$Path, $File) {
        $bytes = (New-Object IO.FileInfo $Path).Length
        if ($bytes -ne $File.bytes) {
            Stop-Km 24 "Cannot use the download of $($File.name): it has $bytes bytes, not $($File.bytes)" `
                'The connection may have been cut: try again; nothing was changed'
        }
        $sha256 = Get-Sha256 $Path
        if ($sha256 -cne $File.sha256) {
            Stop-Km 23 "Cannot trust the download of $($File.name): its SHA-256 is $sha256" `
                'It is not the file of the release: try again later; nothing was changed'
        }
    }

    # --- versions ---

    # What `km --version` of a file says; '' when it does not run. What it leaves for its next start goes into the folder $Temporary.
    function Get-KmVersion([string]$Path, [string]$Temporary) {
        $temp, $tmp = $env:TEMP, $env:TMP
        if ($Temporary -ne '') { $env:TEMP, $env:TMP = $Temporary, $Temporary }
        try {
            $ended = Invoke-Program $Path '--version'
        } finally {
            $env:TEMP, $env:TMP = $temp, $tmp
        }
        if ($ended.Code -eq 0 -and $ended.Output -cmatch '^km (\S+)\z' -and (Test-Version $Matches[1])) { return $Matches[1] }
        return ''
    }

    # Folders of KM_INSTALL that got a km from here: values of a key of the user's registry.
    function Test-Recorded([string]$Folder) {
        $key = [Microsoft.Win32.Registry]::CurrentUser.OpenSubKey('Software\km-install')
        if ($null -eq $key) { return $false }
        try { return $null -ne $key.GetValue($Folder) } finally { $key.Dispose() }
    }

    function Add-Record([string]$Folder) {
        if (Test-SameFolder $Folder (Get-DefaultFolder)) { return }
        $key = [Microsoft.Win32.Registry]::CurrentUser.CreateSubKey('Software\km-install')
        try { $key.SetValue($Folder, 'km.exe') } finally { $key.Dispose() }
    }

    function Remove-Record([string]$Folder) {
        $key = [Microsoft.Win32.Registry]::CurrentUser.OpenSubKey('Software\km-install', $true)
        if ($null -eq $key) { return }
        try {
            $key.DeleteValue($Folder, $false)
            $isEmpty = $key.ValueCount -eq 0
        } finally {
            $key.Dispose()
        }
        if ($isEmpty) { [Microsoft.Win32.Registry]::CurrentUser.DeleteSubKey('Software\km-install', $false) }
    }

    # Whether a km.exe in this folder is one from here.
    function Test-OwnFolder([string]$Folder) {
        return (Test-SameFolder $Folder (Get-DefaultFolder)) -or (Test-Recorded $Folder)
    }

    # The version of the km that is there, '' where there is none that runs. A file of somebody else is not even started.
    function Get-InstalledVersion([string]$Folder) {
        $current = "$Folder\km.exe"
        if ([IO.Directory]::Exists($current)) {
            Stop-Km 25 "Cannot take `"$current`" for km: it is a folder" 'Move it away, or set KM_INSTALL to another folder'
        }
        if (-not [IO.File]::Exists($current)) { return '' }
        if (-not (Test-OwnFolder $Folder)) {
            Stop-Km 25 "Cannot take `"$current`" for km: install.ps1 did not put it there" `
                'If it is km, remove it by hand; else set KM_INSTALL to another folder'
        }
        return Get-KmVersion $current ''
    }

    # Below, equal to or above 0. Semantic Versioning 2.0.0, section 11.
    function Compare-KmVersion([string]$Left, [string]$Right) {
        $leftCore, $leftRest, $null = $Left.Split([char[]]'-', 2) + @('')
        $rightCore, $rightRest, $null = $Right.Split([char[]]'-', 2) + @('')
        $order = Compare-Part $leftCore $rightCore
        if ($order -ne 0) { return $order }
        if ($leftRest -ceq $rightRest) { return 0 }
        if ($leftRest -eq '') { return 1 }
        if ($rightRest -eq '') { return -1 }
        return Compare-Part $leftRest $rightRest
    }

    function Compare-Part([string]$Left, [string]$Right) {
        $leftParts = @($Left.Split('.'))
        $rightParts = @($Right.Split('.'))
        for ($i = 0; $i -lt [Math]::Min($leftParts.Count, $rightParts.Count); $i++) {
            $order = Compare-Identifier $leftParts[$i] $rightParts[$i]
            if ($order -ne 0) { return $order }
        }
        return $leftParts.Count.CompareTo($rightParts.Count)
    }

    # Numbers, of any length, by their value and below words; words by their bytes.
    function Compare-Identifier([string]$Left, [string]$Right) {
        $leftIsNumber = $Left -match '^[0-9]+\z'
        $rightIsNumber = $Right -match '^[0-9]+\z'
        if ($leftIsNumber -and $rightIsNumber -and $Left.Length -ne $Right.Length) { return $Left.Length.CompareTo($Right.Length) }
        if ($leftIsNumber -ne $rightIsNumber) { return ([int]$rightIsNumber).CompareTo([int]$leftIsNumber) }
        return [string]::CompareOrdinal($Left, $Right)
    }

    # --- putting it in place ---

    # Puts the file at $New in the place of km.exe. What was there becomes km.previous.exe when it is to be kept, else it goes with the
    # folder $Private. Windows lets a running program be renamed, not overwritten: every step is a rename, and when one fails, or the new
    # file does not run in its place, those before it are taken back.
    function Switch-Executable([string]$New, [string]$Folder, [string]$Private, [string]$Version, [bool]$Keep) {
        $current = "$Folder\km.exe"
        $previous = "$Folder\km.previous.exe"
        $aside = "$Private\replaced.exe"
        if ($Keep) { $aside = $previous }
        $moves = @()
        if ($Keep -and [IO.File]::Exists($previous)) { $moves += @{ From = $previous; To = "$Private\previous.exe" } }
        if ([IO.File]::Exists($current)) { $moves += @{ From = $current; To = $aside } }
        $moves += @{ From = $New; To = $current }
        $done = @()
        try {
            foreach ($move in $moves) {
                [IO.File]::Move($move.From, $move.To)
                $done = @($move) + $done
            }
            # A file that is moved takes the rules of the folder where it was made along.
            Invoke-Program "$env:SystemRoot\System32\icacls.exe" "`"$current`" /reset /q" | Out-Null
            if ((Get-KmVersion $current $Private) -ne $Version) {
                Stop-Km 25 "Cannot use km ${Version}: it does not run in `"$Folder`"" 'A virus scanner may hold it; what was there before is back'
            }
        } catch {
            $first = $_.Exception.GetBaseException().Message
            foreach ($move in $done) {
                try { [IO.File]::Move($move.To, $move.From) } catch {
                    Stop-Km 25 "Cannot put the old km back: $($_.Exception.GetBaseException().Message) (after: $first)" `
                        "Move `"$($move.To)`" to `"$($move.From)`""
                }
            }
            throw
        }
    }

    # --- the Path of the user ---

    function Test-SameFolder([string]$Left, [string]$Right) {
        $leftPath = [Environment]::ExpandEnvironmentVariables($Left).TrimEnd('\')
        return $leftPath -eq $Right.TrimEnd('\')
    }

    # Adds the folder to the user's Path, or takes it out; returns whether there was something to change. In the registry itself, because
    # setx cuts a Path at 1024 characters, and .NET would write the values of variables in the place of their names.
    function Edit-UserPath([string]$Folder, [bool]$Add) {
        $key = [Microsoft.Win32.Registry]::CurrentUser.CreateSubKey('Environment')
        try {
            $options = [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames
            $old = [string]$key.GetValue('Path', '', $options)
            $kind = [Microsoft.Win32.RegistryValueKind]::ExpandString
            if (@($key.GetValueNames()) -contains 'Path') { $kind = $key.GetValueKind('Path') }
            $all = @($old.Split(';'))
            $others = @($all | Where-Object { -not (Test-SameFolder $_ $Folder) })
            $has = $others.Count -ne $all.Count
            if ($has -eq $Add) { return $false }
            $new = $others -join ';'
            if ($Add -and $old -eq '') { $new = $Folder } elseif ($Add) { $new = "$Folder;$old" }
            $key.SetValue('Path', $new, $kind)
        } finally {
            $key.Dispose()
        }
        # Tells the desktop to read the environment again: .NET does it after every change, also that of a variable which is not there.
        [Environment]::SetEnvironmentVariable('KM_INSTALL_CHANGED_PATH', [NullString]::Value, 'User')
        return $true
    }

    function Add-SessionPath([string]$Folder) {
        $here = @("$env:Path".Split(';') | Where-Object { Test-SameFolder $_ $Folder })
        if ($here.Count -eq 0) { $env:Path = "$Folder;$env:Path" }
    }

    # --- the two things that it does ---

    # The verified manifest of what was asked for.
    function Get-TrustedManifest([string]$BaseUrl, [string]$Work, $Wishes) {
        $keys = @(Get-ReleaseKey $KmReleaseKeys)
        $name = "$($Wishes.Channel).json"
        if ($Wishes.Version -ne '') { $name = "v$($Wishes.Version).json" }
        [IO.Directory]::CreateDirectory("$Work\release") | Out-Null
        $path = "$Work\release\manifest.json"
        foreach ($ending in @('', '.sig', '.sshsig')) { Save-Address "$BaseUrl/$name$ending" "$path$ending" 1000000 }
        Confirm-Signature $Work $keys
        return Read-Manifest $path $Wishes
    }

    # Whether the file at $Path is to be replaced; a newer one only when its replacement was asked for by its version.
    function Test-NeedsInstall([string]$Path, [string]$Installed, [string]$Version, $File, $Wishes) {
        if ($Installed -eq '') { return $true }
        $order = Compare-KmVersion $Installed $Version
        if ($order -gt 0 -and $Wishes.Version -eq '') {
            Stop-Km 25 "Cannot install km ${Version}: km $Installed is there, which is newer" `
                "Keep it, or ask for the older one: `$env:KM_VERSION = '$Version'"
        }
        return $order -ne 0 -or (Get-Sha256 $Path) -cne $File.sha256
    }

    # Downloads the file into a private folder beside the place where it goes, so that nobody else changes it between its proof and its
    # first start, and the last step is a rename.
    function Install-File($File, [string]$BaseUrl, [string]$Folder, [string]$Version, [bool]$Keep) {
        $address = Get-FileAddress $BaseUrl $File
        $had = [IO.File]::Exists("$Folder\km.exe")
        $made = @(New-Folder $Folder)
        $private = ''
        try {
            Confirm-ClosedFolder $Folder
            Remove-Leftover $Folder
            $private = New-PrivateFolder $Folder '.km-new-'
            $new = "$private\km.exe"
            Write-Km "downloading km $Version ($([Math]::Ceiling($File.bytes / 1000000)) MB)"
            Save-Address $address $new $File.bytes
            Confirm-File $new $File
            if ((Get-KmVersion $new $private) -ne $Version) {
                Stop-Km 25 "Cannot use km ${Version}: it does not run on this machine" 'A virus scanner may hold it; nothing was changed'
            }
            Add-Record $Folder
            Switch-Executable $new $Folder $private $Version $Keep
        } finally {
            $isThere = [IO.File]::Exists("$Folder\km.exe")
            # Where the old km could not be put back, it is in there.
            if ($private -ne '' -and ($isThere -or -not $had)) { Remove-Folder $private }
            if (-not $isThere -and -not $had) { Remove-Record $Folder }
            foreach ($path in $made) { Remove-EmptyFolder $path }
        }
    }

    function Install-Release($Wishes, [string]$Folder, [string]$Work) {
        $targets = @(Get-KmTarget)
        $baseUrl = Get-BaseUrl $KmBaseUrl
        if ([IO.Directory]::Exists($Folder)) { Confirm-ClosedFolder $Folder }
        $manifest = Get-TrustedManifest $baseUrl $Work $Wishes
        $version = [string]$manifest.version
        $file = Get-ReleaseFile $manifest $targets
        $current = "$Folder\km.exe"
        $installed = Get-InstalledVersion $Folder
        $needed = Test-NeedsInstall $current $installed $version $file $Wishes
        if ($Wishes.DryRun) {
            Write-Km "km $version is signed by a release key; its file is $($file.name), $($file.bytes) bytes"
            if ($needed) { Write-Km "would install it as $current" } else { Write-Km "km $version is installed already" }
            if (-not $Wishes.NoModifyPath) { Write-Km "would see that $Folder is in your Path" }
            return
        }
        if ($needed) {
            # The same version with other bytes was broken: not worth keeping.
            $keep = $installed -ne '' -and $installed -cne $version
            Install-File $file $baseUrl $Folder $version $keep
            Write-Km "installed km $version as $current"
            if ($keep) { Write-Km "km $installed is kept beside it: km update --rollback brings it back" }
        } else {
            Write-Km "km $version is installed already as $current"
        }
        Add-KmPath $Wishes $Folder
        Write-Km 'try:  km demo'
        $where = ''
        if ((Get-Setting 'KM_INSTALL') -ne '') { $where = "`$env:KM_INSTALL = '$($Folder.Replace("'", "''"))'; " }
        $script = "$baseUrl/install.ps1".Replace("'", "''")
        Write-Km "undo: $where& ([scriptblock]::Create((irm '$script'))) -Uninstall"
    }

    function Add-KmPath($Wishes, [string]$Folder) {
        if ($Wishes.NoModifyPath) {
            Write-Km "your Path was left alone; it needs $Folder"
            return
        }
        Add-SessionPath $Folder
        try {
            $isAdded = Edit-UserPath $Folder $true
        } catch {
            Stop-Km 25 "Cannot change your Path: $($_.Exception.GetBaseException().Message)" `
                "km is installed as $Folder\km.exe: put that folder into your Path, and install with -NoModifyPath from now on"
        }
        if ($isAdded) { Write-Km "added $Folder to your Path; terminals that are open do not know it yet" }
    }

    # Ends what runs: a daemon would keep its file, and the task that starts it would start nothing.
    function Stop-KmService([string]$Current) {
        $task = Invoke-Program "$env:SystemRoot\System32\schtasks.exe" '/Query /XML /TN "km serve"'
        if ($task.Output.Contains([Security.SecurityElement]::Escape($Current))) {
            Invoke-Program $Current 'service uninstall' | Out-Null
            Write-Km 'removed the scheduled task "km serve"'
        }
        Invoke-Program $Current 'stop' | Out-Null
    }

    function Remove-KmFile([string]$Path) {
        if (-not [IO.File]::Exists($Path)) { return }
        try {
            [IO.File]::Delete($Path)
        } catch {
            Stop-Km 25 "Cannot remove `"$Path`": $($_.Exception.GetBaseException().Message)" 'End the programs that run km, then try again'
        }
        Write-Km "removed $Path"
    }

    # A copy of Deno for plugins and the news of releases are no records. KM_HOME may lie in a project of the user's: only what has km's
    # names and form goes.
    function Remove-KmExtra([string]$Data) {
        $runtime = "$Data\runtime"
        if ([IO.Directory]::Exists($runtime)) {
            foreach ($copy in [IO.Directory]::GetDirectories($runtime, 'deno-*-pc-windows-msvc')) {
                Remove-KmFile "$copy\deno.exe"
                foreach ($path in [IO.Directory]::GetFiles($copy, '.deno.*-*-*-*-*')) { Remove-KmFile $path }
                Remove-EmptyFolder $copy
            }
            Remove-EmptyMark "$runtime\lock"
            Remove-EmptyFolder $runtime
        }
        $news = "$Data\update.json"
        if ([IO.File]::Exists($news) -and [IO.File]::ReadAllText($news) -cmatch '"nextCheckAt":[\s\S]*"rolledBackFrom":') {
            Remove-KmFile $news
            Remove-EmptyMark "$news.lock"
        }
    }

    # Locks are files without content.
    function Remove-EmptyMark([string]$Path) {
        if ([IO.File]::Exists($Path) -and (New-Object IO.FileInfo $Path).Length -eq 0) { Remove-KmFile $Path }
    }

    function Uninstall-Release($Wishes, [string]$Folder) {
        $current = "$Folder\km.exe"
        $installed = Get-InstalledVersion $Folder
        $data = Get-Setting 'KM_HOME'
        if ($data -eq '') { $data = "$env:USERPROFILE\.km" } else { $data = Get-FullPath 'KM_HOME' $data }
        $files = @()
        if (Test-OwnFolder $Folder) { $files = @($current, "$Folder\km.previous.exe" | Where-Object { [IO.File]::Exists($_) }) }
        if ($files.Count -eq 0) { Write-Km "there is no km in $Folder that install.ps1 put there" }
        if ($Wishes.DryRun) {
            foreach ($path in $files) { Write-Km "would remove $path" }
            if (-not $Wishes.NoModifyPath) { Write-Km "would take $Folder out of your Path" }
            return
        }
        if ($installed -ne '') { Stop-KmService $current }
        foreach ($path in $files) { Remove-KmFile $path }
        if ([IO.Directory]::Exists($Folder)) {
            foreach ($name in @('km.update-lock', 'km.update-lock.exe')) { Remove-EmptyMark "$Folder\$name" }
            Remove-Leftover $Folder
            Remove-EmptyFolder $Folder
        }
        Remove-Record $Folder
        if (-not $Wishes.NoModifyPath -and (Edit-UserPath $Folder $false)) { Write-Km "took $Folder out of your Path" }
        Remove-KmExtra $data
        Remove-EmptyFolder "$env:USERPROFILE\.km"
        if ([IO.Directory]::Exists($data)) {
            Write-Km "what km recorded stays in $data; to delete it, remove that folder, or in a folder with other things:"
            Write-Km '  km.db*, config.jsonc, token, keys.json, signed-out.json, daemon.*'
        }
    }

    # Exit code, and what to say of it. What Windows refuses is no bug of km's.
    function Write-Failure([Exception]$Problem) {
        $cause = $Problem.GetBaseException()
        $code = $Problem.Data['code']
        $hint = $Problem.Data['hint']
        if ($null -eq $code) {
            $code = 1
            if ($cause -is [IO.IOException] -or $cause -is [UnauthorizedAccessException] -or $cause -is [Security.SecurityException]) { $code = 25 }
            $hint = 'That is what Windows said; nothing beyond it is known'
        }
        Write-Host "km: error: $($cause.Message)" -ForegroundColor Red
        Write-Host "km: hint: $hint"
        return $code
    }

    $work = ''
    $failed = 0
    try {
        $wishes = Read-Wishes $Words
        if ($wishes.Help) {
            Show-KmHelp
            return
        }
        $folder = Get-InstallFolder
        if ($wishes.Uninstall) {
            Uninstall-Release $wishes $folder
            return
        }
        Enable-Tls12
        $temporary = [IO.Path]::GetTempPath().TrimEnd('\')
        # cmd has no current folder on another machine.
        if ($temporary.StartsWith('\\')) { $temporary = "$env:SystemRoot\Temp" }
        $work = New-PrivateFolder $temporary 'km-install-'
        Install-Release $wishes $folder $work
    } catch {
        $failed = Write-Failure $_.Exception
    } finally {
        if ($work -ne '') { Remove-Folder $work }
    }
    if ($failed -eq 0) { return }
    $global:LASTEXITCODE = $failed
    # In a file, `exit` ends that file. Piped into iex, it would close the window.
    if ($MyInvocation.MyCommand.ScriptBlock.File) { exit $failed }
    throw "km: nothing more was done (exit code $failed)"
}

Install-Km $KmWords
