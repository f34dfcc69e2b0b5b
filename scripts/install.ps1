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
# All of it is one function that the last line calls: half a download does nothing. ASCII only: 5.1 reads a file without a mark in the
# code page of the machine.

function Install-Km {
    param([string[]]$Words = @())

    Set-StrictMode -Version 3.0
    $ErrorActionPreference = 'Stop'
    # With a progress bar, 5.1 takes minutes for what takes seconds without.
    $ProgressPreference = 'SilentlyContinue'
    # Exit codes are looked at where they matter.
    $PSNativeCommandUseErrorActionPreference = $false

    $KmBaseUrl = '@KM_BASE_URL@'
    $KmReleaseKeys = '@KM_RELEASE_KEYS@'

    # --- saying things ---

    function Write-Km([string]$Text) {
        Write-Host $Text
    }

    # Ends the installation: what could not be done, and what helps.
    function Stop-Km([string]$Message, [string]$Hint) {
        $problem = New-Object System.InvalidOperationException $Message
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
                Stop-Km "Unknown option `"$word`"" '-Help lists the options'
            }
            $wishes[$name] = $true
        }
        return $wishes
    }

    function Get-BaseUrl([string]$Stamped) {
        $url = Get-Setting 'KM_BASE_URL'
        if ($url -eq '') { $url = $Stamped }
        if ($url.StartsWith('@')) {
            Stop-Km 'Cannot install km: this install.ps1 is the template, without an address and release keys' `
                'Use the install.ps1 that lies beside a release; in a checkout, "deno task install" installs the checkout'
        }
        $url = $url.TrimEnd('/')
        if ($url -notmatch '^(https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/])[^\s"]+$') {
            Stop-Km "Cannot install from `"$url`": it is no address by https" 'Give KM_BASE_URL as https://...'
        }
        return $url
    }

    # The keys that may sign a release, as pairs of id and the key's 32 bytes.
    function Get-ReleaseKey([string]$Stamped) {
        if ($Stamped.StartsWith('@')) {
            Stop-Km 'Cannot install km: this install.ps1 is the template, without release keys' `
                'Use the install.ps1 that lies beside a release; in a checkout, "deno task install" installs the checkout'
        }
        foreach ($pair in $Stamped.Split(' ')) {
            $id, $key = $pair.Split(':')
            New-Object PSObject -Property @{ Id = $id; Bytes = [Convert]::FromBase64String($key) }
        }
    }

    function Get-ManifestName {
        $version = (Get-Setting 'KM_VERSION').TrimStart('v')
        $channel = Get-Setting 'KM_CHANNEL'
        if ($channel -eq '') { $channel = 'stable' }
        if (@('stable', 'beta') -cnotcontains $channel) {
            Stop-Km "Unknown channel `"$channel`"" 'KM_CHANNEL is stable or beta'
        }
        if ($version -eq '') { return "$channel.json" }
        if ($version -notmatch '^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$') {
            Stop-Km "`"$version`" is no version" 'Give KM_VERSION as 1.2.3'
        }
        return "v$version.json"
    }

    function Get-InstallFolder {
        $folder = Get-Setting 'KM_INSTALL'
        if ($folder -eq '') { $folder = Join-Path (Join-Path $env:USERPROFILE '.km') 'bin' }
        # Unlike .NET's own, this knows ~ and the folder that PowerShell is in.
        return $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($folder).TrimEnd('\')
    }

    # --- the machine ---

    # Targets that run here, the best one first.
    function Get-KmTarget {
        if ($env:OS -ne 'Windows_NT') {
            Stop-Km 'install.ps1 is for Windows' 'On Linux and macOS: curl -fsSL <address>/install.sh | sh'
        }
        # The environment of the machine, not that of this process: an x64 PowerShell on an ARM64 machine says AMD64 of itself.
        $key = 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
        $architecture = [string](Get-ItemProperty -LiteralPath $key -Name 'PROCESSOR_ARCHITECTURE').PROCESSOR_ARCHITECTURE
        if ($architecture -eq 'AMD64') { return @('x86_64-pc-windows-msvc') }
        # Windows 11 on ARM runs x64 programs by emulation.
        if ($architecture -eq 'ARM64') { return @('aarch64-pc-windows-msvc', 'x86_64-pc-windows-msvc') }
        Stop-Km "There is no km for $architecture" 'km runs on x64 and ARM64'
    }

    # Old .NET Framework offers servers TLS 1.0 alone; 0 means that Windows decides, which is better.
    function Enable-Tls12 {
        $protocols = [int][Net.ServicePointManager]::SecurityProtocol
        $tls12 = 3072
        if ($protocols -ne 0 -and ($protocols -band $tls12) -eq 0) {
            [Net.ServicePointManager]::SecurityProtocol = $protocols -bor $tls12
        }
    }

    function Save-Url([string]$Url, [string]$Path) {
        try {
            Invoke-WebRequest -Uri $Url -OutFile $Path -UseBasicParsing -TimeoutSec 60
        } catch {
            Stop-Km "Cannot download `"$Url`": $($_.Exception.Message)" `
                'Look at your connection and KM_BASE_URL; nothing was changed'
        }
    }

    # --- trust ---

    # What `ssh-keygen -Y verify -f` reads: a name for who signs, and the key in the form of RFC 8709, section 4.
    function Get-AllowedSigner([object[]]$Keys) {
        $type = [Text.Encoding]::ASCII.GetBytes('ssh-ed25519')
        foreach ($key in $Keys) {
            $blob = [byte[]](@(0, 0, 0, 11) + $type + @(0, 0, 0, 32) + $key.Bytes)
            'km ssh-ed25519 ' + [Convert]::ToBase64String($blob)
        }
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
            $places += Join-Path $env:SystemRoot "$system\OpenSSH\$Name"
        }
        foreach ($root in @($env:ProgramW6432, $env:ProgramFiles, "$env:LOCALAPPDATA\Programs")) {
            if (-not $root) { continue }
            foreach ($part in @('usr', 'mingw64', 'clangarm64')) { $places += Join-Path $root "Git\$part\bin\$Name" }
        }
        $known = @($places | Where-Object { Test-Path -LiteralPath $_ -PathType Leaf })
        $others = @(Get-Command -Name $Name -CommandType Application -All -ErrorAction SilentlyContinue |
                ForEach-Object { $_.Path })
        return @($known + $others | Select-Object -Unique)
    }

    # Runs one line of cmd in the folder $Work, with the program's path in %KM_TOOL%, and returns exit code and output. By way of cmd
    # because PowerShell's pipes change bytes on their way, and Start-Process loses exit codes in some versions.
    function Invoke-Tool([string]$Work, [string]$Tool, [string]$Line) {
        [IO.File]::WriteAllText((Join-Path $Work 'run.cmd'), "@$Line > output.txt 2>&1`r`n@exit /b %errorlevel%`r`n")
        $env:KM_TOOL = $Tool
        Push-Location -LiteralPath $Work
        try {
            & $env:ComSpec /d /c .\run.cmd | Out-Null
            $code = $LASTEXITCODE
        } finally {
            Pop-Location
            Remove-Item -LiteralPath 'Env:KM_TOOL'
        }
        $output = [IO.File]::ReadAllText((Join-Path $Work 'output.txt')).Trim() -replace '\s*[\r\n]+\s*', '; '
        return New-Object PSObject -Property @{ Code = $code; Output = $output }
    }

    # 'good', 'unable' when this ssh-keygen cannot verify (before 8.1), or what it said.
    function Test-SshSignature([string]$Work, [string]$Tool) {
        $line = '"%KM_TOOL%" -Y verify -f allowed_signers -I km -n km -s manifest.json.sshsig < manifest.json'
        $run = Invoke-Tool $Work $Tool $line
        if ($run.Code -eq 0 -and $run.Output -match 'Good "km" signature') { return 'good' }
        if ($run.Output -match '(?i)(unknown|illegal|invalid) option|usage:') { return 'unable' }
        return $run.Output
    }

    # 'good', 'unable' when this openssl cannot verify Ed25519 (before 3.0), or what it said.
    function Test-OpensslSignature([string]$Work, [string]$Tool) {
        $version = Invoke-Tool $Work $Tool '"%KM_TOOL%" version'
        if ($version.Output -notmatch '^OpenSSL ([3-9]|[1-9][0-9]+)\.') { return 'unable' }
        $line = '"%KM_TOOL%" pkeyutl -verify -pubin -inkey key.pem -rawin -in manifest.json -sigfile signature.bin'
        $run = Invoke-Tool $Work $Tool $line
        if ($run.Code -eq 0 -and $run.Output -match 'Signature Verified Successfully') { return 'good' }
        return $run.Output
    }

    # Writes what the tools read beside manifest.json, manifest.json.sig and manifest.json.sshsig.
    function Write-TrustFile([string]$Work, [object[]]$Keys) {
        $sig = [IO.File]::ReadAllText((Join-Path $Work 'manifest.json.sig'))
        if ($sig -notmatch '^([0-9a-f]{16}) ([A-Za-z0-9+/]{86}==)\r?\n?$') {
            Stop-Km 'Cannot trust the release manifest: its signature is not one' 'Try again later; nothing was changed'
        }
        $id = $Matches[1]
        $signature = [Convert]::FromBase64String($Matches[2])
        $signers = @($Keys | Where-Object { $_.Id -eq $id })
        if ($signers.Count -ne 1) {
            Stop-Km "Cannot trust the release manifest: key $id is none of this installer's" `
                'Take install.ps1 anew from where you found it; nothing was changed'
        }
        $allowed = (@(Get-AllowedSigner $signers) -join "`n") + "`n"
        [IO.File]::WriteAllText((Join-Path $Work 'allowed_signers'), $allowed)
        [IO.File]::WriteAllText((Join-Path $Work 'key.pem'), (Get-PublicKeyPem $signers[0].Bytes))
        [IO.File]::WriteAllBytes((Join-Path $Work 'signature.bin'), $signature)
    }

    # Returns when a program on this machine says that the manifest in $Work is signed by one of the keys.
    function Confirm-Signature([string]$Work, [object[]]$Keys) {
        Write-TrustFile $Work $Keys
        $refusal = ''
        foreach ($name in @('ssh-keygen.exe', 'openssl.exe')) {
            foreach ($tool in @(Find-Tool $name)) {
                if ($name -eq 'openssl.exe') { $answer = Test-OpensslSignature $Work $tool }
                else { $answer = Test-SshSignature $Work $tool }
                if ($answer -eq 'good') { return }
                if ($answer -ne 'unable') { $refusal = "$tool says: $answer" }
            }
        }
        if ($refusal -eq '') {
            Stop-Km 'Cannot verify the signature: neither ssh-keygen (8.1 or newer) nor openssl (3 or newer) is here' `
                'Add "OpenSSH Client" in Settings, System, Optional features, or install Git for Windows'
        }
        Stop-Km "Cannot trust the release manifest: its signature is wrong; $refusal" `
            'Somebody may have changed it on its way; nothing was changed'
    }

    # PowerShell 7 makes a date of what looks like one, 5.1 leaves the text.
    function ConvertTo-UtcTime($Value) {
        if ($Value -is [DateTime]) { return $Value.ToUniversalTime() }
        $culture = [Globalization.CultureInfo]::InvariantCulture
        return [DateTimeOffset]::Parse([string]$Value, $culture).UtcDateTime
    }

    # What the manifest says, after its signature was verified. $Name is the file that was asked for.
    function Read-Manifest([string]$Path, [string]$Name) {
        $manifest = [IO.File]::ReadAllText($Path) | ConvertFrom-Json
        if ($manifest.type -cne 'km release manifest' -or $manifest.format -ne 1) {
            Stop-Km 'Cannot read the release manifest: it is of another kind' 'Take a newer install.ps1'
        }
        if (@("$($manifest.channel).json", "v$($manifest.version).json") -cnotcontains $Name) {
            Stop-Km "Cannot trust the release manifest: $Name is about $($manifest.channel) $($manifest.version)" `
                'Somebody may have put one in the place of the other; nothing was changed'
        }
        $expires = ConvertTo-UtcTime $manifest.expires
        if ($expires -gt [DateTime]::UtcNow) { return $manifest }
        $day = $expires.ToString('yyyy-MM-dd')
        # Expiry keeps somebody from being held at an old release; who names a version asks for that one.
        if ((Get-Setting 'KM_VERSION') -eq '') {
            Stop-Km "Cannot trust the release manifest: it expired on $day" `
                'Look at the clock of this machine; else somebody serves an old manifest'
        }
        Write-Km "km: warning: this manifest expired on $day; taken because KM_VERSION names its version"
        return $manifest
    }

    # The file of the release for this machine.
    function Get-ReleaseFile($Manifest, [string[]]$Targets) {
        foreach ($target in $Targets) {
            $entry = $Manifest.files.PSObject.Properties[$target]
            if ($null -ne $entry) { return $entry.Value }
        }
        Stop-Km "km $($Manifest.version) has no file for $($Targets[0])" 'KM_VERSION asks for another version'
    }

    function Get-FileUrl([string]$BaseUrl, [string]$Url) {
        if ($Url -match '^https?://') { return $Url }
        return "$BaseUrl/$Url"
    }

    # Throws unless the file is the one that the signed manifest names.
    function Confirm-File([string]$Path, $File) {
        $bytes = (Get-Item -LiteralPath $Path).Length
        if ($bytes -ne $File.bytes) {
            Stop-Km "Cannot use the download of $($File.name): it has $bytes bytes, not $($File.bytes)" `
                'The connection may have been cut: try again; nothing was changed'
        }
        $sha256 = (Get-FileHash -LiteralPath $Path -Algorithm SHA256).Hash
        if ($sha256 -ne $File.sha256) {
            Stop-Km "Cannot trust the download of $($File.name): its SHA-256 is $($sha256.ToLowerInvariant())" `
                'It is not the file of the release: try again later; nothing was changed'
        }
    }

    # --- versions ---

    # What `km --version` of a file says; '' when it does not run.
    function Get-KmVersion([string]$Path) {
        try {
            $text = [string](& $Path --version)
        } catch {
            return ''
        }
        if ($LASTEXITCODE -eq 0 -and $text -match '^km (\S+)') { return $Matches[1] }
        return ''
    }

    # The version of the km that is there, '' where there is none. In a folder of the user's choice may be a km of somebody else.
    function Get-InstalledVersion([string]$Path) {
        if (-not (Test-Path -LiteralPath $Path)) { return '' }
        $version = Get-KmVersion $Path
        if ($version -eq '' -and (Get-Setting 'KM_INSTALL') -ne '') {
            Stop-Km "Cannot take `"$Path`" for km: it is another program, or a km that does not run" `
                'Remove it by hand, or set KM_INSTALL to another folder'
        }
        return $version
    }

    # Below, equal to or above 0. Semantic Versioning 2.0.0, section 11.
    function Compare-KmVersion([string]$Left, [string]$Right) {
        $leftCore, $leftRest, $null = $Left.Split('+')[0].Split([char[]]'-', 2) + @('')
        $rightCore, $rightRest, $null = $Right.Split('+')[0].Split([char[]]'-', 2) + @('')
        $order = ([version]$leftCore).CompareTo([version]$rightCore)
        if ($order -ne 0) { return $order }
        if ($leftRest -ceq $rightRest) { return 0 }
        if ($leftRest -eq '') { return 1 }
        if ($rightRest -eq '') { return -1 }
        $leftParts = @($leftRest.Split('.'))
        $rightParts = @($rightRest.Split('.'))
        for ($i = 0; $i -lt [Math]::Min($leftParts.Count, $rightParts.Count); $i++) {
            $order = Compare-Identifier $leftParts[$i] $rightParts[$i]
            if ($order -ne 0) { return $order }
        }
        return $leftParts.Count.CompareTo($rightParts.Count)
    }

    # Numbers by their value and below words, words by their bytes.
    function Compare-Identifier([string]$Left, [string]$Right) {
        $leftIsNumber = $Left -match '^[0-9]+$'
        $rightIsNumber = $Right -match '^[0-9]+$'
        if ($leftIsNumber -and $rightIsNumber) { return ([long]$Left).CompareTo([long]$Right) }
        if ($leftIsNumber) { return -1 }
        if ($rightIsNumber) { return 1 }
        return [string]::CompareOrdinal($Left, $Right)
    }

    # --- putting it in place ---

    function New-WorkFolder {
        $path = Join-Path ([IO.Path]::GetTempPath()) ('km-install-' + [Guid]::NewGuid().ToString('N'))
        New-Item -ItemType Directory -Path $path | Out-Null
        return $path
    }

    # A name beside km.exe for a moment; `km update` uses the same ones, and removes what is left of them.
    function New-NameBeside([string]$Folder, [string]$Kind) {
        return Join-Path $Folder "km.$Kind-$([Guid]::NewGuid().ToString('N').Substring(0, 8)).exe"
    }

    # Removes a file; one that runs cannot be removed but renamed, and goes the next time.
    function Remove-Executable([string]$Path, [string]$Folder) {
        if (-not (Test-Path -LiteralPath $Path)) { return }
        try {
            [IO.File]::Delete($Path)
        } catch {
            [IO.File]::Move($Path, (New-NameBeside $Folder 'old'))
        }
    }

    function Remove-Leftover([string]$Folder) {
        Get-ChildItem -LiteralPath $Folder -File | Where-Object { $_.Name -match '^km\.(new|old)-[0-9a-f]{8}\.exe$' } |
            Remove-Item -Force -ErrorAction SilentlyContinue
    }

    # Puts $New in the place of km.exe, and what was there in that of km.previous.exe. Windows lets a running program be renamed, not
    # overwritten, so every step is a rename, and a step that fails takes the ones before it back.
    function Switch-Executable([string]$New, [string]$Folder, [string]$Version) {
        $current = Join-Path $Folder 'km.exe'
        $previous = Join-Path $Folder 'km.previous.exe'
        $aside = New-NameBeside $Folder 'old'
        $had = Test-Path -LiteralPath $current
        if ($had) { [IO.File]::Move($current, $aside) }
        try {
            [IO.File]::Move($New, $current)
            if ((Get-KmVersion $current) -ne $Version) {
                Stop-Km "km $Version does not run in `"$Folder`"" 'A virus scanner may hold it; the version before it is back in its place'
            }
        } catch {
            Remove-Executable $current $Folder
            if ($had) { [IO.File]::Move($aside, $current) }
            throw
        }
        if ($had) {
            Remove-Executable $previous $Folder
            [IO.File]::Move($aside, $previous)
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
        $here = @($env:Path.Split(';') | Where-Object { Test-SameFolder $_ $Folder })
        if ($here.Count -eq 0) { $env:Path = "$Folder;$env:Path" }
    }

    # --- the two things that it does ---

    # The verified manifest of what was asked for.
    function Get-TrustedManifest([string]$BaseUrl, [string]$Work) {
        $name = Get-ManifestName
        $path = Join-Path $Work 'manifest.json'
        $keys = @(Get-ReleaseKey $KmReleaseKeys)
        Save-Url "$BaseUrl/$name" $path
        Save-Url "$BaseUrl/$name.sig" "$path.sig"
        Save-Url "$BaseUrl/$name.sshsig" "$path.sshsig"
        Confirm-Signature $Work $keys
        return Read-Manifest $path $name
    }

    # Whether the file at $Path is to be replaced; a newer one only when its replacement was asked for by its version.
    function Test-NeedsInstall([string]$Path, [string]$Installed, $Manifest, $File) {
        if ($Installed -eq '') { return $true }
        $order = Compare-KmVersion $Installed $Manifest.version
        if ($order -gt 0 -and (Get-Setting 'KM_VERSION') -eq '') {
            Stop-Km "Cannot install km $($Manifest.version): km $Installed is there, which is newer" `
                "Keep it, or ask for the older one: `$env:KM_VERSION = '$($Manifest.version)'"
        }
        return $order -ne 0 -or (Get-FileHash -LiteralPath $Path -Algorithm SHA256).Hash -ne $File.sha256
    }

    # Downloads the file into the folder, where the last step is a rename, and proves it before anything is replaced.
    function Install-File($File, [string]$BaseUrl, [string]$Folder, [string]$Version) {
        try {
            New-Item -ItemType Directory -Force -Path $Folder | Out-Null
            Remove-Leftover $Folder
        } catch {
            Stop-Km "Cannot write to `"$Folder`": $($_.Exception.Message)" 'KM_INSTALL names another folder'
        }
        $new = New-NameBeside $Folder 'new'
        try {
            Save-Url (Get-FileUrl $BaseUrl $File.url) $new
            Confirm-File $new $File
            if ((Get-KmVersion $new) -ne $Version) {
                Stop-Km "km $Version does not run on this machine" 'A virus scanner may hold it; nothing was changed'
            }
            Switch-Executable $new $Folder $Version
        } finally {
            if (Test-Path -LiteralPath $new) { Remove-Item -LiteralPath $new -Force -ErrorAction SilentlyContinue }
        }
    }

    function Install-Release($Wishes, [string]$Folder, [string]$Work) {
        $targets = @(Get-KmTarget)
        $baseUrl = Get-BaseUrl $KmBaseUrl
        $manifest = Get-TrustedManifest $baseUrl $Work
        $version = [string]$manifest.version
        $file = Get-ReleaseFile $manifest $targets
        $current = Join-Path $Folder 'km.exe'
        $installed = Get-InstalledVersion $current
        $needed = Test-NeedsInstall $current $installed $manifest $file
        if ($Wishes.DryRun) {
            Write-Km "km $version is signed by a release key; its file is $($file.name), $($file.bytes) bytes"
            if ($needed) { Write-Km "would install it as $current" } else { Write-Km "km $version is installed already" }
            if (-not $Wishes.NoModifyPath) { Write-Km "would see that $Folder is in your Path" }
            return
        }
        if ($needed) {
            Install-File $file $baseUrl $Folder $version
            Write-Km "installed km $version as $current"
            if ($installed -ne '') { Write-Km "km $installed is kept beside it: km update --rollback brings it back" }
        } else {
            Write-Km "km $version is installed already as $current"
        }
        Add-KmPath $Wishes $Folder
        Write-Km 'try:  km demo'
        $where = ''
        if ((Get-Setting 'KM_INSTALL') -ne '') { $where = "`$env:KM_INSTALL = '$Folder'; " }
        Write-Km "undo: $where& ([scriptblock]::Create((irm $baseUrl/install.ps1))) -Uninstall"
    }

    function Add-KmPath($Wishes, [string]$Folder) {
        if ($Wishes.NoModifyPath) {
            Write-Km "your Path was left alone; it needs $Folder"
            return
        }
        Add-SessionPath $Folder
        if (Edit-UserPath $Folder $true) {
            Write-Km "added $Folder to your Path; terminals that are open do not know it yet"
        }
    }

    function Uninstall-Release($Wishes, [string]$Folder) {
        $current = Join-Path $Folder 'km.exe'
        $installed = Get-InstalledVersion $current
        $files = @('km.exe', 'km.previous.exe' | ForEach-Object { Join-Path $Folder $_ } |
                Where-Object { Test-Path -LiteralPath $_ })
        if ($Wishes.DryRun) {
            foreach ($path in $files) { Write-Km "would remove $path" }
            if (-not $Wishes.NoModifyPath) { Write-Km "would take $Folder out of your Path" }
            return
        }
        # A daemon that runs would keep its file.
        if ($installed -ne '') { & $current stop | Out-Null }
        foreach ($path in $files) {
            try {
                [IO.File]::Delete($path)
            } catch {
                Stop-Km "Cannot remove `"$path`": $($_.Exception.Message)" 'End the programs that run km, then try again'
            }
            Write-Km "removed $path"
        }
        if ($files.Count -eq 0) { Write-Km "there is no km in $Folder" }
        if (Test-Path -LiteralPath $Folder) {
            Remove-Leftover $Folder
            if (@(Get-ChildItem -LiteralPath $Folder -Force).Count -eq 0) { Remove-Item -LiteralPath $Folder }
        }
        if (-not $Wishes.NoModifyPath -and (Edit-UserPath $Folder $false)) { Write-Km "took $Folder out of your Path" }
        $data = Get-Setting 'KM_HOME'
        if ($data -eq '') { $data = Join-Path $env:USERPROFILE '.km' }
        # A copy of Deno for plugins is no record.
        $runtime = Join-Path $data 'runtime'
        if (Test-Path -LiteralPath $runtime) { Remove-Item -LiteralPath $runtime -Recurse -Force }
        Write-Km "what km recorded stays in $data"
    }

    $work = ''
    $failed = $false
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
        $work = New-WorkFolder
        Install-Release $wishes $folder $work
    } catch {
        $failed = $true
        $hint = [string]$_.Exception.Data['hint']
        if ($hint -eq '') { $hint = 'That is what Windows said; nothing beyond it is known' }
        Write-Host "km: error: $($_.Exception.Message)" -ForegroundColor Red
        Write-Host "km: hint: $hint"
    } finally {
        if ($work -ne '') { Remove-Item -LiteralPath $work -Recurse -Force -ErrorAction SilentlyContinue }
    }
    # Not `exit`: piped into iex, that would close the window. This ends a script with a failure all the same.
    if ($failed) { throw 'km: nothing more was done' }
}

Install-Km $args
